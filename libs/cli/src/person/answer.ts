// Owns reading what a service answered: recorded frames or a signed refusal. An answer that its key does not bear out is refused.
import {
  type Code,
  Codes,
  DocumentLimits,
  LEDGER_PAYLOAD_TYPE,
  type LedgerDocument,
  liveDocuments,
  livePayloadType,
  parseLedgerDocument,
  parseSubject,
  type Refused,
  refused,
} from '@writ/contracts';
import { digestOf, importPublic, openFrame, type PublicKey, readFrame, splitFrames } from '@writ/crypto';
import { findKey, type RegistryState, roleMayWrite } from '@writ/domain';

/** One recorded event. `verified`: its signature holds under a key certified from the pinned root, whose role may write it. */
export type RecordedEvent = {
  readonly document: LedgerDocument;
  readonly digest: string;
  readonly verified: boolean;
};

/** What became of a request: recorded, refused by the service, or nobody answered in time. */
export type PlaneAnswer =
  | { readonly kind: 'recorded'; readonly events: readonly RecordedEvent[] }
  | Refused
  | { readonly kind: 'no-answer'; readonly why: 'timeout' | 'nobody-there' };

/**
 * Reads an answer. With a registry every frame must verify (else WRIT-ENF-008); without one, shapes alone are checked and
 * `verified` is false. Total: never throws.
 */
export function readAnswer(bytes: Uint8Array, registry: RegistryState | undefined): PlaneAnswer {
  const frames = splitFrames(bytes);
  const refusal = frames.length === 1 ? readRefusal(frames[0] as Uint8Array, registry) : undefined;
  if (refusal !== undefined) return refusal;
  const events: RecordedEvent[] = [];
  for (const frame of frames) {
    const event = readEvent(frame, registry);
    if ('kind' in event) return event;
    events.push(event);
  }
  return { kind: 'recorded', events };
}

/** The ids of the keys that signed an answer: whether a registry at hand knows them all. */
export function signersOf(bytes: Uint8Array): readonly string[] {
  return splitFrames(bytes).flatMap((frame) => {
    const read = readFrame(frame, DocumentLimits.any);
    return read.ok ? [read.frame.kid] : [];
  });
}

function readRefusal(bytes: Uint8Array, registry: RegistryState | undefined): Refused | undefined {
  const opened = open(bytes, livePayloadType('refusal'), registry);
  const parsed = opened.ok ? liveDocuments.refusal.safeParse(opened.document) : undefined;
  if (parsed?.success !== true) return undefined;
  const { code, reason } = parsed.data.data;
  return Object.hasOwn(Codes, code)
    ? refused(code as Code, reason)
    : refused('WRIT-LED-003', `${code}: ${reason}`);
}

function readEvent(bytes: Uint8Array, registry: RegistryState | undefined): RecordedEvent | Refused {
  const opened = open(bytes, LEDGER_PAYLOAD_TYPE, registry);
  if (!opened.ok) return refused('WRIT-ENF-008', opened.reason);
  const parsed = parseLedgerDocument(opened.document);
  if (parsed.kind !== 'known')
    return refused('WRIT-ENF-008', 'the answer is not an event that this version knows');
  const { document } = parsed;
  if (registry === undefined) return { document, digest: opened.digest, verified: false };
  const role = findKey(registry, document.kid)?.role;
  const at = parseSubject(document.subject);
  if (role === undefined || at?.kind !== 'ledger' || !roleMayWrite(role, at.family, document.type))
    return refused('WRIT-ENF-008', `a key of role ${role ?? 'none'} may not write ${document.type}`);
  return { document, digest: opened.digest, verified: true };
}

type Opened =
  | { readonly ok: true; readonly document: unknown; readonly digest: string }
  | { readonly ok: false; readonly reason: string };

function open(bytes: Uint8Array, payloadType: string, registry: RegistryState | undefined): Opened {
  if (registry !== undefined)
    return openFrame(bytes, payloadType, (kid) => keyIn(registry, kid), DocumentLimits.any);
  const read = readFrame(bytes, DocumentLimits.any);
  if (!read.ok) return read;
  try {
    const document: unknown = JSON.parse(new TextDecoder().decode(read.frame.document));
    return { ok: true, document, digest: digestOf(payloadType, read.frame.document) };
  } catch {
    return { ok: false, reason: 'not JSON' };
  }
}

function keyIn(registry: RegistryState, kid: string): PublicKey | undefined {
  const key = findKey(registry, kid);
  return key === undefined ? undefined : importPublic(key.x);
}
