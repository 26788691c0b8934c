// Asks the plane one signed question until it is answered or the time is over. The same bytes each time; fails closed.
import { type Code, Codes, type KeyRole, type Refused, refused } from '@writ/contracts';
import { readFrame } from '@writ/crypto';
import { pause } from '../clock.js';
import type { GateKeeper } from '../gate/keeper.js';
import type { Session } from '../session.js';
import type { NotTrusted } from '../trust/trust.js';

/** What one reply means. `unknown-key` may be cured by reading the key path again. */
export type Reading<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'again'; readonly refusal: Refused }
  | { readonly kind: 'unknown-key' };

export type Question<T> = {
  readonly subject: string;
  readonly message: Uint8Array;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly read: (reply: Uint8Array) => Reading<T>;
};

const ATTEMPT_MS = 1000;
/** How often the key path is read again for the sake of one answer. */
const KEY_ATTEMPTS = 2;

/** The answer, or a refusal: WRIT-ENF-003 when nobody answered, WRIT-ENF-008 when the answer's key cannot be certified. */
export const askUntil = async <T>(
  session: Session,
  keeper: GateKeeper,
  q: Question<T>,
): Promise<T | Refused> => {
  const until = session.clock.now().mono + q.timeoutMs;
  let last = refused('WRIT-ENF-003', 'the plane did not answer in time');
  let unknown = 0;
  for (let n = 0; !session.closed.aborted && !q.signal?.aborted; n++) {
    const left = until - session.clock.now().mono;
    if (left <= 0) break;
    const reply = await session.bus.request(q.subject, q.message, Math.min(ATTEMPT_MS, left));
    const reading = reply === undefined ? undefined : q.read(reply);
    if (reading?.kind === 'answer') return reading.value;
    if (reading?.kind === 'again') last = reading.refusal;
    if (reading?.kind === 'unknown-key') {
      last = refused('WRIT-ENF-008', 'the key of the answer is not certified under the pinned root');
      if (++unknown > KEY_ATTEMPTS) return last;
      if ((await keeper.read(['keys'])) !== undefined) continue;
    }
    await pause(Math.min(50 * 2 ** Math.min(n, 4), left), q.signal);
  }
  return last;
};

/** What an untrusted frame says it is: used to choose the payload type that is then verified, and for nothing else. */
export const claimedType = (frame: Uint8Array): string => {
  const read = readFrame(frame);
  if (!read.ok) return '';
  try {
    const { type } = JSON.parse(new TextDecoder().decode(read.frame.document)) as { readonly type?: unknown };
    return typeof type === 'string' ? type : '';
  } catch {
    return '';
  }
};

/** A document that is not trusted, as a reading. */
export const distrusted = (not: NotTrusted): Reading<Refused> => {
  if (not.why === 'unknown-key') return { kind: 'unknown-key' };
  if (not.why === 'unknown-obligation') return answer(refused('WRIT-ENF-005', not.reason));
  const code = not.why === 'forged' ? 'WRIT-ENF-008' : 'WRIT-ENF-004';
  return answer(refused(code, not.reason));
};

export const answer = <T>(value: T): Reading<T> => ({ kind: 'answer', value });

/** Reads a signed refusal of the service asked; one that says `retry` is asked again. */
export const readRefusal = (
  session: Session,
  frame: Uint8Array,
  subject: string,
  role: KeyRole,
  requestId: string,
): Reading<Refused> => {
  const opened = session.trust.live('refusal', frame, { roles: [role], subjects: [subject] });
  if (!opened.ok) return distrusted(opened);
  const { code, reason, retry, inReplyTo } = opened.document.data;
  // A service that could not open the request does not know its id.
  if (inReplyTo !== requestId && inReplyTo !== '')
    return answer(refused('WRIT-ENF-004', 'the refusal answers another request'));
  const refusal = refused(code in Codes ? (code as Code) : 'WRIT-ENF-003', reason);
  return retry && code !== 'WRIT-RCP-009' ? { kind: 'again', refusal } : answer(refusal);
};
