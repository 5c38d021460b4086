/** A table as a file that opens well in the reader's own Excel. */
import type { Language } from '../api.ts';

export type Cell = string | number | null;

/** So that Excel reads UTF-8. */
const MARK = '\ufeff';

/** Write CSV: in Dutch with `;` between cells and a comma in numbers, as Dutch Excel wants it. */
export function writeCsv(rows: Cell[][], language: Language): string {
  const between = language === 'nl' ? ';' : ',';
  const lines = rows.map((row) => row.map((cell) => write(cell, language, between)).join(between));
  return `${MARK}${lines.join('\r\n')}\r\n`;
}

function write(cell: Cell, language: Language, between: string): string {
  if (cell === null) return '';
  if (typeof cell === 'number') {
    const text = String(Math.round(cell * 1e6) / 1e6);
    return language === 'nl' ? text.replace('.', ',') : text;
  }
  // A cell that begins so is a formula to Excel, and names may come from anybody's file.
  const safe = /^[=+\-@\t\r]/u.test(cell) ? `'${cell}` : cell;
  const risky = [between, '"', '\n', '\r'].some((sign) => safe.includes(sign));
  return risky ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Let the browser save a text as a file. */
export function save(text: string, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
