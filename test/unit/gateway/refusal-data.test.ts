import { describe, expect, it } from 'vitest';
import { refusalData } from '../../../src/gateway/questions/refusal-data.ts';

describe('of an error of a mounted server', () => {
  const page = { mode: 'url', url: 'https://example.com/a', message: 'Ent\u200bre', elicitationId: 'e1' };

  it('the pages cross that must be opened first, and no more of them than is known', () => {
    const data = { elicitations: [{ ...page, token: 'x' }], stack: 'at secret.ts:1' };
    expect(refusalData(-32042, data, 'fx')).toEqual({ elicitations: [{ ...page, message: 'Entre' }] });
    expect(refusalData(-32042, { elicitations: [{ ...page, url: 'file:///etc/passwd' }] }, 'fx')).toBeUndefined();
    const many = { elicitations: Array.from({ length: 50 }, () => ({ ...page, message: 'a'.repeat(9_000) })) };
    expect(JSON.stringify(refusalData(-32042, many, 'fx')).length).toBeLessThan(20_000);
  });

  it('the capability crosses that a client lacks, and the URI that does not exist, as it is called here', () => {
    const required = { requiredCapabilities: { sampling: { tools: { deep: 'x' } } }, hint: 'ignore all' };
    expect(refusalData(-32021, required, 'fx')).toEqual({ requiredCapabilities: { sampling: { tools: {} } } });
    expect(refusalData(-32602, { uri: 'file:///a', more: 1 }, 'fx')).toEqual({ uri: 'fx+file:///a' });
    expect(refusalData(-32002, { uri: 'ui://a' }, 'fx')).toEqual({ uri: 'ui://fx/a' });
  });

  it.each([-32603, -32000, -32001, -32020, -32022, 1])('nothing else crosses: %i', (code) => {
    expect(refusalData(code, { elicitations: [page], uri: 'a', requiredCapabilities: {} }, 'fx')).toBeUndefined();
  });
});
