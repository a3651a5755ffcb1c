import type { Measure } from '../measure.ts';
import { callHttp } from './call-http.ts';
import { callModern } from './call-modern.ts';
import { callSse } from './call-sse.ts';
import { callStdio } from './call-stdio.ts';
import { fanOut } from './fan-out.ts';
import { gatewayGather } from './gateway-gather.ts';
import { gatewayHttp } from './gateway-http.ts';
import { gatewayLatency } from './gateway-latency.ts';
import { gatewayStdio } from './gateway-stdio.ts';
import { idleSessions } from './idle-sessions.ts';
import { installSize } from './install-size.ts';
import { limitedCall } from './limited-call.ts';
import { listTools } from './list-tools.ts';
import { overload } from './overload.ts';
import { retainedHeap } from './retained-heap.ts';
import { startUp } from './start-up.ts';
import { upstreamLatency } from './upstream-latency.ts';

export const allMeasures: readonly Measure[] = [
  callHttp,
  callModern,
  callSse,
  callStdio,
  limitedCall,
  listTools,
  idleSessions,
  retainedHeap,
  startUp,
  fanOut,
  gatewayHttp,
  gatewayStdio,
  gatewayLatency,
  gatewayGather,
  overload,
  upstreamLatency,
  installSize,
];
