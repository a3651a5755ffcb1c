import { describe, expect, it } from 'vitest';
import { notMeasured, verdictOf } from '../../../bench/measure.ts';
import { failures, table } from '../../../bench/report.ts';

describe('a row without a value', () => {
  const row = notMeasured({ what: 'CPU', goal: { atMost: 0.3 }, unit: '×' }, 'the peer could not be installed');

  it('says why and fails nothing', () => {
    expect(verdictOf(row)).toBe('not measured');
    expect(failures([row])).toEqual([]);
    expect(table([row]).at(-1)).toBe(
      '| CPU | ≤ 0.3× | – | not measured | not measured: the peer could not be installed |',
    );
  });

  it('is a failure when the measure itself broke', () => {
    expect(verdictOf({ ...row, problems: ['a server ended'] })).toBe('FALHOU');
    const { notMeasured: _why, ...broken } = row;
    expect(verdictOf(broken)).toBe('FALHOU');
  });
});
