// What part of a ledger an audit is shown, and what it may conclude from it. Gaps are proved by the tree; here they are only bridged.
import type { Digest, Family, LedgerSeq } from '@writ/contracts';
import { agentLink, type Chain, type Envelope, isUnversionedType, readEnvelope } from '@writ/domain';
import type { VerifierCode } from '../codes.js';

/**
 * A part of a ledger. `whole`: subjects that are here from their beginning without a gap. `bridges`: where a version may be taken over from
 * the document: at the `first` of a subject that is seen (a range), at `any` (a sample, a receipt). `agents`: `whole` when every message
 * that names the agent is here. `judges`: which families are judged against the rules. `beyond`: what this part cannot show either way.
 * `softens`: what is found may be due to what is not here. `size`: how many messages the whole ledger has, where that is shown.
 */
export type Part = {
  readonly whole: (subject: string) => boolean;
  readonly bridges: 'first' | 'any';
  readonly agents: 'whole' | 'bridged';
  readonly judges: (family: Family) => boolean;
  readonly beyond?: (code: VerifierCode, type: string) => boolean;
  readonly softens: boolean;
  readonly size?: LedgerSeq | undefined;
};

/**
 * What is known of gaps: which chains were taken over and where first, how many messages were missing when a subject last had a version, how
 * many of its messages are here, and what was admitted on subjects that are not here as a whole (a replay of it is no other event).
 */
export type Bridged = {
  readonly names: Set<string>;
  readonly first: Map<string, LedgerSeq>;
  readonly missing: Map<string, number>;
  readonly here: Map<string, number>;
  readonly admitted: Set<Digest>;
  /** The subjects of which it was said that a part does not tell. */
  readonly told: Set<string>;
};

/** Before the first message. */
export const createBridged = (): Bridged => ({
  names: new Set(),
  first: new Map(),
  missing: new Map(),
  here: new Map(),
  admitted: new Set(),
  told: new Set(),
});

/** A message of a part, and how many messages before it are not here. */
export type Placed = {
  readonly seq: LedgerSeq;
  readonly subject: string;
  readonly document: unknown;
  readonly missing: number;
};

const isNext = ({ ver, prev }: Envelope, chain: Chain): boolean =>
  ver === chain.ver + 1 && prev === chain.head;

/** Whether what is not here can have had the versions in between: at most one a message. */
const claims = (event: Envelope, chain: Chain, skipped: number): boolean =>
  !isUnversionedType(event.type) &&
  Number.isSafeInteger(event.ver) &&
  (event.ver as number) > chain.ver &&
  typeof event.prev === 'string' &&
  (isNext(event, chain) || (skipped > 0 && (event.ver as number) - chain.ver - 1 <= skipped));

const bridgeAgent = (chain: Chain, event: Envelope): Chain => {
  const { agent, agentver, agentprev } = event;
  if (agent === undefined || agentprev === undefined || !Number.isSafeInteger(agentver)) return chain;
  if ((agentver as number) <= agentLink(chain, agent).ver) return chain;
  const link = { ver: (agentver as number) - 1, head: agentprev };
  return { ...chain, agents: chain.agents.set(agent, link) };
};

const takes = (part: Part, { names }: Bridged, name: string): boolean => {
  if (part.bridges === 'first' && names.has(name)) return false;
  names.add(name);
  return true;
};

const bridgeOwn = (part: Part, bridged: Bridged, chain: Chain, event: Envelope, seq: LedgerSeq): Chain => {
  const { subject } = event;
  if (isNext(event, chain) || !takes(part, bridged, subject)) return chain;
  if (!bridged.first.has(subject)) bridged.first.set(subject, seq);
  return { ...chain, ver: (event.ver as number) - 1, head: event.prev as string };
};

/** The chain against which a message of a part is judged: its own claim about what is not here, where the part allows that. */
export const bridge = (part: Part, bridged: Bridged, chain: Chain, message: Placed): Chain => {
  const event = readEnvelope(message.document);
  const { subject, missing, seq } = message;
  bridged.here.set(subject, (bridged.here.get(subject) ?? 0) + 1);
  const skipped = missing - (bridged.missing.get(subject) ?? 0);
  if (event?.subject !== subject || part.whole(subject) || !claims(event, chain, skipped)) return chain;
  const own = bridgeOwn(part, bridged, chain, event, seq);
  if (part.agents === 'whole' || event.agent === undefined) return own;
  return takes(part, bridged, `${subject} ${event.agent}`) ? bridgeAgent(own, event) : own;
};

/** A message of a part was admitted. `versioned`: with a version, so that what was missing before it lies behind. */
export const passGap = (
  part: Part,
  bridged: Bridged,
  { subject, missing, digest }: Pick<Placed, 'subject' | 'missing'> & { readonly digest: Digest },
  versioned: boolean,
): void => {
  if (part.whole(subject)) return;
  if (versioned) bridged.missing.set(subject, missing);
  bridged.admitted.add(digest);
};

/** The highest version that the chain of a subject can have had anywhere: one for each message that is here or may be its. */
export const mostVersions = (part: Part, bridged: Bridged, subject: string, missing: number): number =>
  part.whole(subject) ? 0 : missing + (bridged.here.get(subject) ?? 0);
