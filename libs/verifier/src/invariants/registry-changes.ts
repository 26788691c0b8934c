// Invariants 6 and 11 for the registry: its decider, run again on the recorded command and the state before it, gives the event.
import {
  type Command,
  type Digest,
  type KeyCertificate,
  KeyPossession,
  type Kid,
  type LedgerDocument,
  type LedgerSeq,
  livePayloadType,
  type RegistryEvent,
  subjects,
} from '@writ/contracts';
import { canonicalize, frameBytes, importPublic, openFrame, sha256 } from '@writ/crypto';
import { type Author, type Draft, decideRegistry, erasedFlaw, type RegistryKey } from '@writ/domain';
import type { VerifierCode } from '../codes.js';
import type { View } from '../folded/view.js';
import type { Judged } from '../message.js';
import { Tolerances } from '../tolerances.js';
import { type Flaw, flawIf } from './flaw.js';
import { embeddedFrame } from './keys-and-frames.js';

/** What the registry records of itself, without anybody's command. */
type OfItself = Extract<
  RegistryEvent,
  { readonly type: 'writ.registry.retention-due.v1' | 'writ.registry.erased.v1' }
>;
/** What root keys decide: admission has counted them. */
type OfRoots = Extract<
  RegistryEvent,
  { readonly type: 'writ.registry.organisation-founded.v1' | 'writ.registry.registrar-appointed.v1' }
>;
type Changed = Exclude<RegistryEvent, OfItself | OfRoots>;

const CODES: { readonly [code: string]: VerifierCode } = {
  'WRIT-REG-008': 'WRIT-VER-191',
  'WRIT-REG-005': 'WRIT-VER-192',
  'WRIT-REG-004': 'WRIT-VER-193',
  'WRIT-REG-001': 'WRIT-VER-194',
};

const openPossession = ({ x, kid, possession }: KeyCertificate) => {
  try {
    const key = importPublic(x);
    return key.kid === kid
      ? openFrame(frameBytes(possession), livePayloadType('key-possession'), key)
      : undefined;
  } catch {
    return undefined;
  }
};

/** Whether the holder of a certified key proved that they have it, for this key, role, holder, scope and organisation. */
export const provesPossession = (certificate: KeyCertificate, org: string): boolean => {
  const opened = openPossession(certificate);
  const parsed = opened?.ok === true ? KeyPossession.safeParse(opened.document) : undefined;
  if (parsed?.success !== true) return false;
  const { data, subject } = parsed.data;
  const { x, role, holder, scope } = certificate;
  const same = data.x === x && data.role === role && data.holder === holder && data.scope === scope;
  return same && subject === subjects.ledger('registry', org);
};

const digestOfDocument = (document: object): Digest => sha256(canonicalize(document));

const digestsIn = ({ data }: Command) => ({
  boundary: data.action.do === 'publish-boundary' ? digestOfDocument(data.action.boundary) : undefined,
  gate: data.action.do === 'publish-gate' ? digestOfDocument(data.action.gate) : undefined,
});

/** The later of what the service states and what the server's clock allows: a service cannot set its clock back. */
const decidedAt = ({ ms, document }: Judged): string => {
  if (!Number.isFinite(ms)) return document.time;
  const earliest = new Date(ms - Tolerances.clockMs).toISOString();
  return document.time > earliest ? document.time : earliest;
};

/** The pseudonym is worked out under a key of the vault: it is taken as recorded. */
const pseudonymIn = ({ document }: Judged<Changed>): Digest | undefined =>
  (document.type === 'writ.registry.erasure-ordered.v1' ||
    document.type === 'writ.registry.legal-hold-placed.v1') &&
  document.data.target.kind === 'subject'
    ? document.data.target.subject
    : undefined;

const ownFlaws = (view: View, document: OfItself): readonly Flaw[] => {
  if (document.type === 'writ.registry.erased.v1') {
    const flaw = erasedFlaw(document.data, view.registry.now());
    return flaw === undefined ? [] : [{ code: 'WRIT-VER-166', reason: flaw }];
  }
  const early = document.data.before > document.time;
  return flawIf(early, 'WRIT-VER-166', `it ends retentions of a time to come, ${document.data.before}`);
};

const isOfItself = (document: RegistryEvent): document is OfItself =>
  document.type === 'writ.registry.retention-due.v1' || document.type === 'writ.registry.erased.v1';

const authorOf = (key: RegistryKey, { embedded }: Judged): Author => {
  if (key.role !== 'root') return { kind: 'person', person: key.holder };
  const command = embedded.get('command');
  return { kind: 'root', digest: command?.ok === true ? command.digest : undefined };
};

const sameChange = (draft: Draft | undefined, document: LedgerDocument): boolean =>
  draft !== undefined &&
  draft.id === document.id &&
  draft.type === document.type &&
  draft.agent === document.agent &&
  canonicalize(draft.data as object) === canonicalize(document.data);

const decidedAgain = (
  view: View,
  event: Judged<Changed>,
  command: Command,
  author: Author,
): readonly Flaw[] => {
  const { result, events } = decideRegistry(
    {
      command,
      frame: event.document.data.command,
      author,
      now: decidedAt(event),
      digests: digestsIn(command),
      possession: (certificate) => provesPossession(certificate, view.org),
      subject: pseudonymIn(event),
    },
    view.registry.now(),
  );
  if (result.kind === 'refused') {
    return [{ code: CODES[result.code] ?? 'WRIT-VER-166', reason: `${result.code}: ${result.reason}` }];
  }
  return flawIf(
    !sameChange(events[0], event.document),
    'WRIT-VER-166',
    'the command gives another change than the recorded one',
  );
};

const isOfRoots = (document: RegistryEvent): document is OfRoots =>
  document.type === 'writ.registry.organisation-founded.v1' ||
  document.type === 'writ.registry.registrar-appointed.v1';

/** Judges a registry event. What the roots decide has no command: enough of them agreed, which admission has checked. */
export const registryChangeFlaws = (view: View, event: Judged<RegistryEvent>): readonly Flaw[] => {
  const { document } = event;
  if (isOfRoots(document)) {
    const { org, registrar } = document.data;
    return [
      ...flawIf(org !== view.org, 'WRIT-VER-166', `it is for ${org}`),
      ...flawIf(!provesPossession(registrar, view.org), 'WRIT-VER-161', "the registrar's key is not proved"),
    ];
  }
  if (isOfItself(document)) return ownFlaws(view, document);
  const changed = { ...event, document };
  const {
    document: command,
    key,
    flaws,
  } = embeddedFrame(view, event, 'command', {
    roles: ['root', 'person'],
    subject: (holder) => subjects.command('registry', view.org, holder),
  });
  if (command === undefined || key === undefined) return flaws;
  return [...flaws, ...decidedAgain(view, changed, command, authorOf(key, event))];
};

/** From where on an event distrusts which key: the registrar's by name, or that of a registrar whom the roots replace. */
const declaredBy = (document: RegistryEvent): { readonly kid: Kid; readonly from: LedgerSeq } | undefined => {
  if (document.type === 'writ.registry.key-distrusted.v1') return document.data;
  if (document.type !== 'writ.registry.registrar-appointed.v1') return undefined;
  const { revokes, from } = document.data;
  return revokes === null || from === null ? undefined : { kid: revokes, from };
};

/** A key distrusted from before this event: what it signed since was judged without knowing that. */
export const distrustFlaws = (view: View, { document }: Judged<RegistryEvent>): readonly Flaw[] => {
  const declared = declaredBy(document);
  if (declared === undefined) return [];
  const { kid, from } = declared;
  const last = view.lastSigned.get(kid) ?? 0;
  if (last < from) return [];
  const reason = `the key signed up to ${last} and is distrusted from ${from}; that counts as void`;
  return [{ code: 'WRIT-VER-169', reason, undetermined: true }];
};
