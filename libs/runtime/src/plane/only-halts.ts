// For services that look at halts alone: of the authority subject they open the kill-switch's facts, and no receipt.
import { type Family, UnversionedTypes } from '@writ/contracts';

const FACTS: ReadonlySet<string> = new Set<string>([
  ...UnversionedTypes,
  'writ.authority.environment-opened.v1',
]);

/** Opens every event of the other families, and of the authority family only openings, halts, releases and revocations. */
export const onlyHaltsOfAuthority = (family: Family, type: string): boolean =>
  family !== 'authority' || FACTS.has(type);
