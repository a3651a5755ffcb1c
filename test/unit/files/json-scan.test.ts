import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineAndColumn, scanJson } from '../../../src/files/json-scan.ts';

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('scanJson', () => {
  it('accepts exactly what JSON.parse accepts', () => {
    const alphabet = fc.constantFrom(...'{}[]:,"\\u0041eE+-.19 \n\ttruefalsn\u0001é');
    const broken = fc.tuple(fc.json({ maxDepth: 4 }), fc.nat(), fc.nat(3), fc.string({ unit: alphabet, maxLength: 3 }));
    const mutated = broken.map(([text, at, cut, extra]) => {
      const from = at % (text.length + 1);
      return text.slice(0, from) + extra + text.slice(from + cut);
    });
    const texts = fc.oneof(fc.json(), mutated, fc.string({ unit: alphabet, maxLength: 12 }));
    fc.assert(
      fc.property(texts, (text) => 'duplicates' in scanJson(text) === parses(text)),
      { numRuns: 3_000 },
    );
  });

  it('finds repeated keys at every level, however they are written', () => {
    const scan = scanJson('{"a": {"x": 1, "\\u0078": 2}, "b": [{"y": 1, "y": 1}], "a": 3}');
    expect('duplicates' in scan && scan.duplicates.map(({ path }) => path.join('.'))).toEqual(['a.x', 'b.[0].y', 'a']);
  });

  it('calls the same key in different objects no repetition', () => {
    expect(scanJson('{"a": {"x": 1}, "b": {"x": 1}}')).toEqual({ duplicates: [] });
  });

  it.each([
    ['{"a": 1,}', 'vírgula sobrando', 7],
    ['[1, ]', 'vírgula sobrando', 2],
    ['{"a": 1', 'texto incompleto', 7],
    ['{"a" 1}', 'caractere inesperado', 5],
    ['{"a": 1} x', 'caractere inesperado', 9],
    ['', 'texto incompleto', 0],
  ])('says what is wrong with %j and where', (text, fault, offset) => {
    expect(scanJson(text)).toEqual({ fault, offset });
  });

  it('refuses hostile nesting instead of exhausting the stack', () => {
    expect(scanJson('['.repeat(200_000))).toMatchObject({ fault: 'aninhamento profundo demais' });
  });

  it('counts lines from one, with LF and CRLF', () => {
    expect(lineAndColumn('ab\ncd', 4)).toEqual({ line: 2, column: 2 });
    expect(lineAndColumn('ab\r\ncd', 4)).toEqual({ line: 2, column: 1 });
    expect(lineAndColumn('ab', 0)).toEqual({ line: 1, column: 1 });
  });
});
