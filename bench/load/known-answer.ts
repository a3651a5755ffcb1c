/** The answer to a call as bytes (HTTP) or as text (a stream that several calls share). */
export type RawAnswer = string | Buffer;

/** An answer that was parsed and found right, apart at its id: another equal to it, byte for byte but for that, is right. */
export interface KnownAnswer {
  matches(answer: RawAnswer, id: number): boolean;
}

/** Undefined where the id does not stand in the text as servers write it. */
export function knownAnswer(answer: RawAnswer, id: number): KnownAnswer | undefined {
  const text = answer.toString();
  const name = /"id":\s*/.exec(text.slice(0, 64)) === null ? text.lastIndexOf('"id":') : text.indexOf('"id":');
  const start = text.indexOf(String(id), name);
  if (name === -1 || start === -1) return undefined;
  const [before, after] = [text.slice(0, start), text.slice(start + String(id).length)];
  return typeof answer === 'string' ? knownText(before, after) : knownBytes(Buffer.from(before), Buffer.from(after));
}

function knownText(before: string, after: string): KnownAnswer {
  return {
    matches(answer, id) {
      const digits = String(id);
      return (
        typeof answer === 'string' &&
        answer.length === before.length + digits.length + after.length &&
        answer.startsWith(before) &&
        answer.startsWith(digits, before.length) &&
        answer.endsWith(after)
      );
    },
  };
}

function knownBytes(before: Buffer, after: Buffer): KnownAnswer {
  return {
    matches(answer, id) {
      const digits = String(id);
      const end = before.length + digits.length;
      return (
        typeof answer !== 'string' &&
        answer.length === end + after.length &&
        before.compare(answer, 0, before.length) === 0 &&
        answer.toString('latin1', before.length, end) === digits &&
        after.compare(answer, end) === 0
      );
    },
  };
}
