import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ListReading } from '../../../src/omie/omie-client.ts';
import type { Page } from '../../../src/omie/page.ts';
import { readingOfPage, readingOfWholeList } from '../../../src/omie/page-reading.ts';
import { walkPages } from '../../../src/omie/pages.ts';

interface Row {
  id?: number | undefined;
}

const call = { idOf: (row: Row) => row.id };
const SIZE = 10;

type Lie = (page: Page<Row>, asked: number) => Page<Row> | Error;

/** Page `asked` of `total` rows as an honest server cuts them; past the end it is the no-records fault. */
function honest(asked: number, total: number): Page<Row> {
  const rows = Array.from({ length: Math.max(0, Math.min(SIZE, total - (asked - 1) * SIZE)) }, (_, index) => ({
    id: (asked - 1) * SIZE + index + 1,
  }));
  const absent = rows.length === 0;
  return {
    call,
    rows,
    number: absent ? undefined : asked,
    totalPages: absent ? 0 : Math.ceil(total / SIZE),
    totalRows: absent ? 0 : total,
    absent,
    arrivedAt: 1_000 + asked,
  };
}

interface Walked {
  reading: ListReading<Row>;
  asked: number[];
}

async function walk(total: number, lie: Lie = (page) => page, options: { pageBudget?: number } = {}): Promise<Walked> {
  const asked: number[] = [];
  const reading = await walkPages<Row>({
    call,
    pageBudget: options.pageBudget,
    fetchPage: async (number) => {
      asked.push(number);
      if (asked.length > 600) throw new Error('endless');
      const page = lie(honest(number, total), number);
      if (page instanceof Error) throw page;
      return page;
    },
  });
  return { reading, asked };
}

const ids = (reading: ListReading<Row>): (number | undefined)[] => reading.rows.map((row) => row.id);

/** Never a row twice, and never short without saying so. */
function expectHonest({ reading, asked }: Walked, total: number): void {
  expect(new Set(ids(reading)).size).toBe(reading.rows.length);
  expect(asked.length).toBeLessThanOrEqual(501);
  if (reading.complete) expect(reading.rows.length).toBe(total);
  else expect(reading.reason).toBeDefined();
}

describe('an honest server', () => {
  it.each([0, 1, 9, 10, 11, 95, 100, 1_234])('brings %i rows in order', async (total) => {
    const { reading, asked } = await walk(total);
    expect(ids(reading)).toEqual(Array.from({ length: total }, (_, index) => index + 1));
    expect(reading).toMatchObject({ complete: true, totalRows: total, totalPages: Math.ceil(total / SIZE) });
    expect(asked.length).toBe(Math.max(1, Math.ceil(total / SIZE)));
    expect(reading.fetchedAt).toEqual(new Date(1_001));
  });

  it('stops at the budget and says so', async () => {
    const { reading, asked } = await walk(100, undefined, { pageBudget: 3 });
    expect(reading).toMatchObject({ complete: false, reason: 'orcamento_de_paginas', pagesRead: 3, totalRows: 100 });
    expect(asked).toHaveLength(3);
  });

  it('stops at 500 pages and says so', async () => {
    const { reading } = await walk(6_000);
    expect(reading).toMatchObject({ complete: false, reason: 'limite_de_paginas', pagesRead: 500 });
  });

  it('fails when a page fails, and asks for nothing more', async () => {
    const asked: number[] = [];
    const broken = walk(1_000, (page, number) => {
      asked.push(number);
      return number === 5 ? new Error('broken') : page;
    });
    await expect(broken).rejects.toThrow('broken');
    const before = asked.length;
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(asked.length).toBeLessThanOrEqual(before + 8);
  });
});

const at =
  (number: number, change: (page: Page<Row>) => Page<Row>): Lie =>
  (page, asked) =>
    asked === number ? change(page) : page;
const always =
  (change: (page: Page<Row>) => Page<Row>): Lie =>
  (page) =>
    page.absent ? page : change(page);

const lies: Record<string, [Lie, string]> = {
  'an empty page in the middle': [at(3, (page) => ({ ...page, rows: [] })), 'pagina_vazia'],
  'the no-records fault in the middle': [at(3, () => honest(99, 10)), 'pagina_vazia'],
  'an empty first page with a total': [at(1, (page) => ({ ...page, rows: [] })), 'pagina_vazia'],
  'an empty last page': [at(10, (page) => ({ ...page, rows: [] })), 'pagina_vazia'],
  'the first page again': [at(4, (page) => ({ ...page, rows: honest(1, 95).rows })), 'pagina_repetida'],
  'the first page again, and saying so': [at(4, () => honest(1, 95)), 'pagina_repetida'],
  'the page before again': [at(7, (page) => ({ ...page, rows: honest(6, 95).rows })), 'pagina_repetida'],
  'a page with fewer rows': [at(4, (page) => ({ ...page, rows: page.rows.slice(5) })), 'contagem_divergente'],
  'a short last page': [at(10, (page) => ({ ...page, rows: page.rows.slice(2) })), 'contagem_divergente'],
  'a row of the page before': [
    at(5, (page) => ({ ...page, rows: [{ id: 40 }, ...page.rows.slice(0, 9)] })),
    'lista_mudou',
  ],
  'a total that moves': [(page, asked) => ({ ...page, totalRows: 95 + asked }), 'lista_mudou'],
  'more pages meanwhile': [at(6, (page) => ({ ...page, totalPages: 11 })), 'lista_mudou'],
  'a thousand million pages': [always((page) => ({ ...page, totalPages: 1e9 })), 'pagina_vazia'],
  'too few pages': [always((page) => ({ ...page, totalPages: 2 })), 'contagem_divergente'],
  'a total too high': [always((page) => ({ ...page, totalRows: 400 })), 'contagem_divergente'],
  'a total of zero': [always((page) => ({ ...page, totalRows: 0 })), 'contagem_divergente'],
  'no total at all': [always((page) => ({ ...page, totalRows: undefined })), 'contagem_divergente'],
  'no counters at all': [always((page) => ({ ...page, totalRows: undefined, totalPages: undefined })), 'pagina_vazia'],
};

describe('a server that lies', () => {
  it.each(Object.entries(lies))('%s: ends, and says that the list is not whole', async (_name, [lie, reason]) => {
    const walked = await walk(95, lie);
    expectHonest(walked, 95);
    expect(walked.reading).toMatchObject({ complete: false, reason });
    expect(walked.asked.length).toBeLessThanOrEqual(12);
  });

  it.each([0, undefined])('counts pages by the rows when it says %s', async (totalPages) => {
    const walked = await walk(
      95,
      always((page) => ({ ...page, totalPages })),
    );
    expect(walked.reading).toMatchObject({ complete: true, totalPages: 10 });
    expectHonest(walked, 95);
  });

  it('repeats one page for ever', async () => {
    const walked = await walk(95, (_page, number) => ({ ...honest(1, 95), number, totalPages: 1e9, totalRows: 1e9 }));
    expect(walked.asked.length).toBeLessThanOrEqual(10);
    expect(walked.reading).toMatchObject({ complete: false, reason: 'pagina_repetida' });
    expect(walked.reading.rows).toHaveLength(10);
  });

  it('invents new rows for ever', async () => {
    const walked = await walk(1e9);
    expect(walked.asked).toHaveLength(500);
    expect(walked.reading).toMatchObject({ complete: false, reason: 'limite_de_paginas' });
  });

  it('keeps rows without an id, each as one of its own', async () => {
    const { reading } = await walk(
      20,
      always((page) => ({ ...page, rows: page.rows.map(() => ({})) })),
    );
    expect(reading.rows).toHaveLength(20);
    expect(reading.complete).toBe(true);
  });

  it('whatever it says: an end, no row twice, nothing silently short', async () => {
    const change = fc.record({
      page: fc.integer({ min: 1, max: 12 }),
      rows: fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined }),
      from: fc.integer({ min: 1, max: 12 }),
      totalPages: fc.constantFrom(undefined, 0, 3, 10, 12, 1e9),
      totalRows: fc.constantFrom(undefined, 0, 95, 96, 1e9),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 6 }), async (changes) => {
        const walked = await walk(95, (page, asked) => {
          const lie = changes.find((one) => one.page === asked);
          if (lie === undefined) return page;
          const rows = honest(lie.from, 95).rows.slice(0, lie.rows);
          // "There is nothing" without any contradiction is an answer, not a lie that anybody could find out.
          if (asked === 1 && rows.length === 0) return page;
          return { ...page, rows, totalPages: lie.totalPages, totalRows: lie.totalRows };
        });
        expectHonest(walked, 95);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a walk whose time ends', () => {
  const timeUp = new Error('time');
  const late = (from: number) => (asked: number) =>
    asked < from ? Promise.resolve(honest(asked, 100)) : Promise.reject(timeUp);
  const isTimeUp = (error: unknown): boolean => error === timeUp;

  it.each([2, 5, 10])('before page %i keeps what was read, and says so', async (from) => {
    const reading = await walkPages<Row>({ call, fetchPage: late(from), isTimeUp });
    expect(reading).toMatchObject({ complete: false, reason: 'tempo_esgotado', totalRows: 100, pagesRead: from - 1 });
    expect(reading.rows).toHaveLength((from - 1) * SIZE);
  });

  it('before the first page fails', async () => {
    await expect(walkPages<Row>({ call, fetchPage: late(1), isTimeUp })).rejects.toBe(timeUp);
  });
});

describe('readingOfPage', () => {
  it('is whole only when there is no other page and the count agrees', () => {
    expect(readingOfPage(honest(1, 7), 1, call)).toMatchObject({ complete: true, totalRows: 7, totalPages: 1 });
    expect(readingOfPage(honest(2, 95), 2, call)).toMatchObject({ complete: false, reason: 'orcamento_de_paginas' });
    expect(readingOfPage({ ...honest(1, 7), totalRows: 8 }, 1, call)).toMatchObject({ reason: 'contagem_divergente' });
    expect(readingOfPage({ ...honest(2, 95), rows: [] }, 2, call)).toMatchObject({ reason: 'pagina_vazia' });
    expect(readingOfPage(honest(1, 0), 1, call)).toMatchObject({ complete: true, totalRows: 0, rows: [] });
  });

  it('takes page 1 in place of a page past the end for nothing', () => {
    expect(readingOfPage(honest(1, 1), 2, call)).toMatchObject({ rows: [], complete: false });
  });

  it('takes a page for the whole list only where a walk from it ends at once, with the same reading', async () => {
    const page = fc.record({
      rows: fc.array(fc.record({ id: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }) }), {
        maxLength: 4,
      }),
      number: fc.constantFrom(undefined, 1, 2),
      totalPages: fc.constantFrom(undefined, 0, 1, 2),
      totalRows: fc.constantFrom(undefined, 0, 1, 2, 3, 4),
    });
    await fc.assert(
      fc.asyncProperty(page, async (first) => {
        const whole = readingOfWholeList({ call, absent: false, arrivedAt: 5, ...first }, call);
        if (whole === undefined) return;
        expect(whole).toMatchObject({ complete: true, pagesRead: 1, totalRows: first.totalRows });
        expect(whole.rows).toBe(first.rows);
        expect(first.rows).toHaveLength(first.totalRows ?? -1);
        expect(first.totalPages ?? 0).toBeLessThanOrEqual(1);
        expect(first.number ?? 1).toBe(1);
        const known = first.rows.map((row) => row.id).filter((id) => id !== undefined);
        expect(new Set(known).size).toBe(known.length);
      }),
    );
  });
});
