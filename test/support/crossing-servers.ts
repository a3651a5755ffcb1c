/** Servers of every wire and era that dawdle, count who gave up, ask for pages and change a resource. */
import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import type { Catalog } from '../../src/server/catalog.ts';
import type { ToolOutcome } from '../../src/tools/tool-source.ts';
import { createFixtureCatalog } from '../conformance/fixture-catalog.ts';

const NAMES = ['dawdle', 'given_up', 'change'];
const schema = { type: 'object', properties: {} };

/** The suite's catalog with the tools of {@link NAMES}. */
export function dawdlingCatalog(): Catalog {
  const fixture = createFixtureCatalog();
  const listeners = new Set<Parameters<Catalog['onChange']>[0]>();
  let givenUp = 0;
  const done = (text: string): ToolOutcome => ({ structured: { text }, isError: false });
  return {
    ...fixture,
    tools: {
      list: (caller) => [...fixture.tools.list(caller), ...NAMES.map((name) => ({ name, inputSchema: schema }))],
      has: (name, caller) => NAMES.includes(name) || fixture.tools.has(name, caller),
      call: async (name, args, context) => {
        if (name === 'given_up') return done(String(givenUp));
        if (name === 'change') {
          for (const listener of listeners) listener({ kind: 'resource', uri: 'test://watched-resource' });
          return done('changed');
        }
        if (name !== 'dawdle') return fixture.tools.call(name, args, context);
        context.progress(1, 2, 'half way');
        await new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve(), { once: true }));
        givenUp += 1;
        return done('never heard');
      },
    },
    onChange: (listener) => {
      listeners.add(listener);
      const stop = fixture.onChange(listener);
      return () => {
        listeners.delete(listener);
        stop();
      };
    },
  };
}

/** For `node -e`: the same over stdio, in one era alone, by hand. */
export const dawdlingScript = (era: 'legacy' | 'modern'): string => `
  const say=(m)=>process.stdout.write(JSON.stringify({jsonrpc:'2.0',...m})+'\\n');
  const open=new Set(); let givenUp=0; let paid=false;
  const capabilities={tools:{}}; const serverInfo={name:'s',version:'1'};
  const text=(id,text)=>say({id,result:{resultType:'complete',content:[{type:'text',text}]}});
  const tool=(name)=>({name,inputSchema:{type:'object'}});
  require('readline').createInterface({input:process.stdin}).on('line',(line)=>{
    const {id,method,params,result}=JSON.parse(line);
    if(method==='server/discover'&&'${era}'==='modern') say({id,result:{resultType:'complete',supportedVersions:['2026-07-28'],capabilities}});
    else if(method==='initialize'&&'${era}'==='legacy') say({id,result:{protocolVersion:'2025-11-25',capabilities,serverInfo}});
    else if(method==='tools/list') say({id,result:{tools:['dawdle','given_up','pages'].map(tool)}});
    else if(method==='notifications/cancelled'&&open.delete(params.requestId)) givenUp+=1;
    else if(method==='tools/call'&&params.name==='dawdle'){
      open.add(id);
      say({method:'notifications/progress',params:{progressToken:params._meta.progressToken,progress:1,total:2}});
    } else if(method==='tools/call'&&params.name==='pages'&&!paid){
      paid=true;
      const page={mode:'url',url:'https://example.com/pay',message:'Pague\\u202e',elicitationId:'e1'};
      say({id,error:{code:-32042,message:'pay first',data:{elicitations:[page],token:'hidden'}}});
    } else if(method==='tools/call') {
      if(params.name==='pages') paid=false;
      text(id,String(givenUp));
    }
    else if(id!==undefined&&method!==undefined) say({id,error:{code:-32601,message:'no'}});
  });`;

/** The same over HTTP+SSE, made of the older SDK. */
export async function startDawdlingSse(): Promise<{ url: string; close(): Promise<void> }> {
  const sessions = new Map<string, SSEServerTransport>();
  let givenUp = 0;
  const http = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://local');
    if (url.pathname !== '/sse') {
      sessions.get(url.searchParams.get('sessionId') ?? '')?.handlePostMessage(request, response);
      return;
    }
    const server = new McpServer({ name: 'sse', version: '1' });
    const text = (value: unknown) => ({ content: [{ type: 'text' as const, text: String(value) }] });
    server.registerTool('given_up', {}, () => text(givenUp));
    server.registerTool('dawdle', {}, async ({ _meta, signal, sendNotification }) => {
      const params = { progressToken: _meta?.progressToken ?? '', progress: 1, total: 2 };
      await sendNotification({ method: 'notifications/progress', params });
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      givenUp += 1;
      return text('never heard');
    });
    const transport = new SSEServerTransport('/messages', response);
    sessions.set(transport.sessionId, transport);
    void server.connect(transport);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/sse`,
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
