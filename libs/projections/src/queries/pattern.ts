// Resource patterns of boundaries as SQL: `*` within a segment, `**` across; `/` and `:` separate segments. Builds, runs nothing.
import { type RawBuilder, sql } from 'kysely';

const escapeRegex = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const escapeLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

/** The POSIX regular expression of a resource pattern. */
export const regexOf = (pattern: string): string =>
  `^${pattern
    .split(/(\*+)/)
    .map((part) => {
      if (!part.startsWith('*')) return escapeRegex(part);
      return part.length === 1 ? '[^/:]*' : '.*';
    })
    .join('')}$`;

/** Whether `column` matches the pattern; the literal beginning narrows by index first. */
export const matchesPattern = (column: string, pattern: string): RawBuilder<boolean> => {
  const at = pattern.indexOf('*');
  if (at < 0) return sql<boolean>`${sql.ref(column)} = ${pattern}`;
  const prefix = `${escapeLike(pattern.slice(0, at))}%`;
  return sql<boolean>`(${sql.ref(column)} like ${prefix} and ${sql.ref(column)} ~ ${regexOf(pattern)})`;
};
