// The codes of foreign receipts: what was found, and what to do. Same shape as `Codes` of @writ/contracts.

const code = (title: string, next: string) => ({ title, next }) as const;

const issuer = 'ask the issuer for the receipt again; do not rely on this copy';

/** The codes of `verifyForeign`; a code is never used again for something else. */
export const ForeignCodes = {
  'WRIT-FGN-001': code('the file is not readable JSON', 'get the file again from where it was issued'),
  'WRIT-FGN-002': code('no foreign format that is known here', 'see the list of formats in the reference'),
  'WRIT-FGN-003': code('a member is missing or has a form that the format does not allow', issuer),
  'WRIT-FGN-004': code('a hash does not fit what it is of', issuer),
  'WRIT-FGN-005': code('the signed bytes are not the canonical form of what they say', issuer),
  'WRIT-FGN-006': code('the signature does not verify', issuer),
  'WRIT-FGN-007': code('the key was revoked', 'ask the issuer what the key signed before it was revoked'),
  'WRIT-FGN-008': code('what is around the signed part says something else', 'believe the signed part only'),
  'WRIT-FGN-009': code('an algorithm or proof type that the format does not allow', issuer),
  'WRIT-FGN-010': code('the chain of receipts is broken', 'ask the issuer for the whole chain'),
  'WRIT-FGN-011': code('the anchor does not hold', issuer),
  'WRIT-FGN-012': code('the quorum rule is broken', 'ask who approved'),
  'WRIT-FGN-013': code('signed, and against the rules of its own format', 'tell the issuer'),
  'WRIT-FGN-020': code('the key is the receipt’s own word', 'pin the issuer’s key, taken from elsewhere'),
  'WRIT-FGN-021': code('no pinned key is the one named', 'pin the issuer’s key, taken from elsewhere'),
  'WRIT-FGN-022': code(
    'something that this version does not check',
    'use a verifier of that project as well',
  ),
  'WRIT-FGN-030': code(
    'the events do not belong together',
    'give the decision that the receipt names, and the outcome that names the receipt',
  ),
} as const;

/** A code of a check on a foreign receipt. */
export type ForeignCode = keyof typeof ForeignCodes;

/** Codes that say "cannot be told" and not "wrong". */
export const UNDETERMINED: ReadonlySet<ForeignCode> = new Set([
  'WRIT-FGN-002',
  'WRIT-FGN-020',
  'WRIT-FGN-021',
  'WRIT-FGN-022',
]);
