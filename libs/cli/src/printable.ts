// Owns making text of others fit for a terminal: what an agent wrote must not move the cursor or look like our own words.

/** Control, format and bidirectional characters as escapes; at most `most` characters. */
export function printable(text: string, most = 200): string {
  const safe = text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu,
    (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return safe.length <= most ? safe : `${safe.slice(0, most)}…`;
}

/** A value in one line. */
export function printableValue(value: unknown, most = 200): string {
  return printable(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''), most);
}

/** A table: columns padded to their widest cell, two blanks between. Widths count characters without colour. */
export function columns(rows: readonly (readonly string[])[], indent = '  '): readonly string[] {
  const widths = (rows[0] ?? []).map((_, n) => Math.max(...rows.map((row) => width(row[n] ?? ''))));
  return rows.map((row) =>
    `${indent}${row.map((cell, n) => cell + ' '.repeat((widths[n] ?? 0) - width(cell))).join('  ')}`.trimEnd(),
  );
}

function width(cell: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of picocolors
  return cell.replace(/\x1b\[\d+m/g, '').length;
}
