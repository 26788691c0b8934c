// Invariant 6, for what events embed: every frame verifies under the key of the one who must have signed it, valid at its
// position, and says what was recorded. (For the events themselves: admission in @writ/domain.)
import type { Digest, KeyRole, Kid, LiveDocumentOf, LiveKind } from '@writ/contracts';
import { findKey, type RegistryKey } from '@writ/domain';
import { freshSince, type View } from '../folded/view.js';
import type { VouchedBy } from '../frames/open-live.js';
import type { Judged } from '../message.js';
import { type Flaw, flawIf } from './flaw.js';

/** Who must have signed a frame, on which subject, and with which digest. What is left out is not asked for. */
export type Expected = {
  readonly roles: readonly KeyRole[];
  readonly holder?: string | undefined;
  readonly kid?: Kid | undefined;
  readonly subject?: ((holder: string) => string) | undefined;
  readonly digest?: Digest | undefined;
};

/** A frame with the key that signed it, or vouches for the session key that did; both only when the signature holds and is that of the one expected. */
export type Embedded<K extends LiveKind> = {
  readonly document: LiveDocumentOf<K> | undefined;
  readonly key: RegistryKey | undefined;
  readonly flaws: readonly Flaw[];
};

/** Whether a key counted when the event's writer looked at it: certified before, not ended longer ago than a view may be old. */
export const keyCounted = (key: RegistryKey, view: View, event: Judged): boolean => {
  if (key.certifiedAt >= event.seq) return false;
  if (key.distrustedFrom !== undefined && key.distrustedFrom <= event.seq) return false;
  return [key.retiredAt, key.revokedAt].every(
    (seq) => seq === undefined || (view.registryTimes.get(seq) ?? 0) >= freshSince(event),
  );
};

const isExpected = (key: RegistryKey, { roles, holder, kid }: Expected): boolean =>
  roles.includes(key.role) &&
  (holder === undefined || key.holder === holder) &&
  (kid === undefined || key.kid === kid);

/** A session key is its holder's alone, in the role of the key that vouches for it, and never one of the registry. */
const isOwnSession = (view: View, kid: Kid, key: RegistryKey, { agent, role }: VouchedBy): boolean =>
  key.holder === agent && key.role === role && findKey(view.registry.now(), kid) === undefined;

const nothing = (code: Flaw['code'], reason: string) => ({
  document: undefined,
  key: undefined,
  flaws: [{ code, reason }],
});

/**
 * The live frame of that name as the event embeds it, and what is wrong with it. One that does not verify, or that somebody else
 * signed, says nothing: it has no document.
 */
export const embeddedFrame = <K extends LiveKind>(
  view: View,
  event: Judged,
  kind: K,
  expected: Expected,
  name: string = kind,
): Embedded<K> => {
  const frame = event.embedded.get(name);
  if (frame === undefined || !frame.ok || frame.kind !== kind) {
    const reason = frame?.ok === false ? `${name}: ${frame.code} ${frame.reason}` : `there is no ${name}`;
    return nothing('WRIT-VER-161', reason);
  }
  const { vouched } = frame;
  const key = findKey(view.registry.now(), vouched?.identity ?? frame.kid);
  if (key === undefined) return nothing('WRIT-VER-163', `the key of the ${name} is not certified`);
  if (vouched !== undefined && !isOwnSession(view, frame.kid, key, vouched))
    return nothing('WRIT-VER-162', `the session key of the ${name} is not that of ${key.holder}`);
  if (!isExpected(key, expected)) return nothing('WRIT-VER-162', `signed by ${key.role} ${key.holder}`);
  const document = frame.document as LiveDocumentOf<K>;
  const { digest, subject } = expected;
  const ended = !keyCounted(key, view, event) || vouched?.inTime === false;
  const elsewhere = subject !== undefined && document.subject !== subject(key.holder);
  const other = digest !== undefined && digest !== frame.digest;
  const flaws = [
    ...flawIf(ended, 'WRIT-VER-163', `the key of ${key.holder} did not count by then`),
    ...flawIf(elsewhere, 'WRIT-VER-164', `the ${name} is for ${document.subject}`),
    ...flawIf(other, 'WRIT-VER-164', `the ${name} is another one`),
  ];
  return { document, key, flaws };
};
