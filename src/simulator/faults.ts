/** Trouble on demand: `simulator.faults.next('ListarMovimentos', brokenResponse())`. */
export type { Exchange, Fault } from './faults/exchange.ts';
export { FaultPlan, type FaultScope, type RandomFaults } from './faults/plan.ts';
export {
  authFault,
  blocked,
  brokenResponse,
  emptyBody,
  html200,
  htmlError,
  inFlight,
  lock,
  plain500,
  redundant,
  scalarBody,
  tooMany,
  unavailable,
} from './faults/replies.ts';
export {
  driftingTotals,
  duplicateKeys,
  emptyPage,
  latin1,
  loneSurrogate,
  oddNumber,
  pageCount,
  protoKey,
  repeatPage,
  shrinkingPage,
  truncatedJson,
  wrongContentType,
} from './faults/rewrites.ts';
export {
  corruptGzip,
  gzipBomb,
  hugeBody,
  keepAliveRace,
  resetBeforeHeaders,
  resetMidBody,
  shortLength,
  slowHeaders,
  trickle,
} from './faults/sockets.ts';
