import { fitWidth, printable, textWidth, truncate } from './text-width.ts';

/** A column; exactly one of a table is `flexible` and takes (or gives up) what the others leave. */
export interface Column {
  readonly header: string;
  readonly align: 'left' | 'right';
  readonly flexible?: boolean;
}

/**
 * A row of cells (`shortLabel` stands in for a first cell that would be cut), a row whose text runs over all columns but the first, a remark below a row, or a rule.
 */
export type Row =
  | { readonly kind: 'cells'; readonly cells: readonly string[]; readonly shortLabel?: string }
  | { readonly kind: 'span'; readonly label: string; readonly text: string }
  | { readonly kind: 'remark'; readonly text: string }
  | { readonly kind: 'rule' };

/** Below this many columns for names, the gaps between columns are halved first. */
const comfortableNameWidth = 16;

/**
 * Lines no wider than `width`. Only flexible cells are cut: a number with a digit missing is a wrong number.
 */
export function formatTable(columns: readonly Column[], rows: readonly Row[], width = 80): string[] {
  const widths = columns.map((column, index) => (column.flexible ? 0 : widest(column, index, rows)));
  const fixed = widths.reduce((sum, each) => sum + each, 0);
  const gaps = columns.length - 1;
  const gap = width - fixed - 2 * gaps >= comfortableNameWidth ? 2 : 1;
  const flexibleWidth = Math.max(1, width - fixed - gap * gaps);
  const finalWidths = columns.map((column, index) => (column.flexible ? flexibleWidth : (widths[index] ?? 0)));

  const line = (cells: readonly string[]): string =>
    columns
      .map((column, index) => fitWidth(printable(cells[index] ?? ''), finalWidths[index] ?? 0, column.align))
      .join(' '.repeat(gap))
      .trimEnd();

  const render = (row: Row): string => {
    if (row.kind === 'cells') return line(labelled(row, finalWidths[0] ?? 0));
    if (row.kind === 'rule') return '─'.repeat(width);
    if (row.kind === 'remark') return truncate(`  ${printable(row.text)}`, width);
    const first = finalWidths[0] ?? 0;
    return truncate(`${fitWidth(printable(row.label), first, 'left')}${' '.repeat(gap)}${printable(row.text)}`, width);
  };
  return [line(columns.map((column) => column.header)), '─'.repeat(width), ...rows.map(render)];
}

function labelled(row: Row & { kind: 'cells' }, width: number): readonly string[] {
  const [label = '', ...others] = row.cells;
  return row.shortLabel !== undefined && textWidth(label) > width ? [row.shortLabel, ...others] : row.cells;
}

function widest(column: Column, index: number, rows: readonly Row[]): number {
  const cells = rows.map((row) => (row.kind === 'cells' ? textWidth(printable(row.cells[index] ?? '')) : 0));
  return Math.max(textWidth(column.header), ...cells);
}
