/** A server whose every part says a word of its own, and that writes down what it is asked. */
import { existsSync, readFileSync } from 'node:fs';
import { script } from './upstreams.ts';

/** What a server is asked by the gateway itself, whoever its clients are. */
const OF_THE_HOUSE = new Set([
  'server/discover',
  'initialize',
  'notifications/initialized',
  'ping',
  'tools/list',
  'resources/list',
  'resources/templates/list',
  'prompts/list',
]);

/**
 * Tools `find`, `grow` (after which it tells of one more tool and note) and `invent` (of one more prompt), notes, a page, a prompt.
 *
 * @param log the file where the methods go that it is asked, one a line
 */
export const recordedServer = (word: string, log: string) =>
  script(
    `const fs=require('fs'); const [word,log]=process.argv.slice(1); let more=[], tales=[];
    const read={readOnlyHint:true};
    hear((m)=>{ if(m.method===undefined) return;
      fs.appendFileSync(log, m.method+'\\n');
      if(m.id===undefined||m.method==='server/discover') { if(m.id!==undefined) say({id:m.id,error:{code:-32601,message:'no'}}); return; }
      const answers={
        initialize:()=>({protocolVersion:'2025-11-25',serverInfo:{name:'s',version:'1'},capabilities:{tools:{listChanged:true},resources:{subscribe:true,listChanged:true},prompts:{listChanged:true},completions:{},logging:{}}}),
        'tools/list':()=>({tools:[...['find','grow','invent'],...more].map((name)=>({name,description:word,inputSchema:{type:'object'},annotations:read,_meta:{ui:{resourceUri:'ui://page'}}}))}),
        'resources/list':()=>({resources:['note://one','ui://page',...more.map((n)=>'note://'+n)].map((uri)=>({uri,name:word}))}),
        'resources/templates/list':()=>({resourceTemplates:[{uriTemplate:'note://{x}',name:word}]}),
        'prompts/list':()=>({prompts:[{name:'tell',description:word,arguments:[{name:'x'}]},...tales.map((name)=>({name}))]}),
        'resources/read':()=>({contents:[{uri:m.params.uri,text:word}]}),
        'resources/subscribe':()=>({}), 'resources/unsubscribe':()=>({}),
        'prompts/get':()=>({messages:[{role:'user',content:{type:'text',text:word}}]}),
        'completion/complete':()=>({completion:{values:[word]}}),
        'tools/call':()=>{
          const {name}=m.params;
          say({method:'notifications/message',params:{level:'error',data:word}});
          if(m.params._meta) say({method:'notifications/progress',params:{progressToken:m.params._meta.progressToken,progress:1,message:word}});
          if(name==='grow') { more=[...more,'more'+more.length];
            for(const list of ['tools','resources']) say({method:'notifications/'+list+'/list_changed'});
            say({method:'notifications/resources/updated',params:{uri:'note://one'}}); }
          if(name==='invent') { tales=[...tales,'tale'+tales.length]; say({method:'notifications/prompts/list_changed'}); }
          return {content:[{type:'text',text:word}]}; },
      };
      say({id:m.id,result:(answers[m.method]??(()=>({})))()}); });`,
    [word, log],
  );

/** What the server was asked for somebody. */
export function askedFor(log: string): string[] {
  const methods = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
  return methods.filter((method) => method !== '' && !OF_THE_HOUSE.has(method));
}
