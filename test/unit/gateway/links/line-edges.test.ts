import { expect, it } from 'vitest';
import { idAtEdges } from '../../../../src/gateway/links/line-edges.ts';

const edges = (line: string): number | undefined => idAtEdges(line.slice(0, 64), line.slice(-64));
const result = JSON.stringify({
  content: [{ type: 'text', text: '{"id":1}'.repeat(50) }],
  structuredContent: { a: { id: 3 } },
});

it.each([
  `{"jsonrpc":"2.0","id":7,"result":${result}}`,
  `{"jsonrpc": "2.0", "id": 7, "result": ${result}}`,
  `{"id":7,"jsonrpc":"2.0","result":${result}}`,
  `{"id":7,"result":${result},"jsonrpc":"2.0"}`,
  `{"result":${result},"jsonrpc":"2.0","id":7}`,
  `{"result": ${result}, "id": 7, "jsonrpc": "2.0"} \r`,
  `{"jsonrpc":"2.0","result":${result},"id":7}`,
  `{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"","data":${result}}}`,
])('knows whose answer it is by its edges: %#', (line) => {
  expect(edges(line)).toBe(7);
});

it.each([
  `{"jsonrpc":"2.0","id":7,"method":"sampling/createMessage","params":${result}}`,
  `{"method":"sampling/createMessage","params":${result},"jsonrpc":"2.0","id":7}`,
  `{"params":${result},"method":"sampling/createMessage","jsonrpc":"2.0","id":7}`,
  `{"jsonrpc":"2.0","id":7,"params":${result},"method":"sampling/createMessage"}`,
  `{"params":{"result":${result}},"method":"sampling/createMessage","id":7}`,
  `{"jsonrpc":"2.0","result":{"a":${result},"id":7}}`,
  `{"jsonrpc":"2.0","id":"7","result":${result}}`,
  `${'x'.repeat(200)},"id":7}`,
  `{"result":${result},"id":7`,
])('takes no other number for it: %#', (line) => {
  expect(edges(line)).toBeUndefined();
});
