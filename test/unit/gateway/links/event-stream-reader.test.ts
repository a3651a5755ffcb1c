import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventStreamReader, type StreamEvent } from '../../../../src/gateway/links/event-stream-reader.ts';
import { cpuMs } from '../../../support/cpu-time.ts';

function read(bytes: Buffer, cuts: readonly number[] = [], maxChars = 1_000_000) {
  const events: StreamEvent[] = [];
  const reader = new EventStreamReader((event) => events.push(event), maxChars);
  let start = 0;
  let fits = true;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    fits &&= reader.push(bytes.subarray(start, cut));
    start = cut;
  }
  fits &&= reader.push(bytes.subarray(start));
  return { events, reader, fits };
}

const STREAM =
  '\ufeff: hello\r\nid: 1\nretry: 250\ndata: {"é":"😀"}\n\nevent: endpoint\rdata:/m\rdata: b\r\r\ndata\n\n:\nid: 2\r\ndata: x\r\n\r\n';
const EVENTS = [
  { name: 'message', data: '{"é":"😀"}' },
  { name: 'endpoint', data: '/m\nb' },
  { name: 'message', data: 'x' },
];

describe('EventStreamReader', () => {
  it('reads the same however the bytes are cut', () => {
    const bytes = Buffer.from(STREAM);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        const { events, reader } = read(bytes, cuts);
        expect(events).toEqual(EVENTS);
        expect(reader.lastEventId).toBe('2');
        expect(reader.retryMs).toBe(250);
      }),
      { numRuns: 300 },
    );
  });

  it('reads byte by byte', () => {
    const bytes = Buffer.from(STREAM);
    expect(read(bytes, [...bytes.keys()]).events).toEqual(EVENTS);
  });

  it('hands an event over with the CR that ends it, whatever comes next, if anything does', () => {
    const event = 'data: x\r\r';
    expect(read(Buffer.from(event)).events).toEqual([{ name: 'message', data: 'x' }]);
    const two = Buffer.from(`${event}data: y\r\n\r\n`);
    expect(read(two, [event.length, two.length - 1]).events.map(({ data }) => data)).toEqual(['x', 'y']);
  });

  it('gives up on an event without end', () => {
    expect(read(Buffer.from(`data: ${'x'.repeat(200)}`), [], 100).fits).toBe(false);
    expect(read(Buffer.from('data: xxxxxxxxx\n'.repeat(20)), [], 100).fits).toBe(false);
    expect(read(Buffer.from('data\n'.repeat(101)), [], 100).fits).toBe(false);
    expect(read(Buffer.from('data\n\n'.repeat(101)), [], 100).fits).toBe(true);
    expect(read(Buffer.from('data: xxxxxxxxx\n\n'.repeat(20)), [], 100).fits).toBe(true);
  });

  it('takes no id that would not fit into a header', () => {
    const { reader } = read(Buffer.from(`id: 7\ndata: a\n\nid: ${'9'.repeat(2_000)}\ndata: b\n\n`));
    expect(reader.lastEventId).toBe('7');
  });

  it('takes 10 MB in small pieces in time linear to it', () => {
    const bytes = Buffer.from(`data: ${'y'.repeat(10_000_000)}\n\n`);
    const cuts = Array.from({ length: 160 }, (_, index) => index * 65_536).filter((cut) => cut < bytes.length);
    const from = cpuMs();
    expect(read(bytes, cuts, 20_000_000).events[0]?.data).toHaveLength(10_000_000);
    expect(cpuMs() - from).toBeLessThan(4_000);
  });
});
