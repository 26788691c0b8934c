// What part of a ledger an audit is shown, and what it may conclude from it. Gaps are proved by the tree; here they are only bridged.
import type { Family } from '@writ/contracts';
import { agentLink, type Chain, type Envelope, isUnversionedType, readEnvelope } from '@writ/domain';
import type { VerifierCode } from '../codes.js';

/**
 * A part of a ledger. `whole`: subjects that are here from their beginning without a gap. `bridges`: where a version may be taken over from
 * the document: at the `first` of a subject that is seen (a range), at `any` (a sample, a receipt). `agents`: `whole` when every message
 * that names the agent is here. `judges`: which families are judged against the rules. `beyond`: what this part cannot show either way.
 * `softens`: what is found may be due to what is not here.
 */
export type Part = {
  readonly whole: (subject: string) => boolean;
  readonly bridges: 'first' | 'any';
  readonly agents: 'whole' | 'bridged';
  readonly judges: (family: Family) => boolean;
  readonly beyond?: (code: VerifierCode, type: string) => boolean;
  readonly softens: boolean;
};

/** Which chains were taken over already. */
export type Bridged = Set<string>;

const claims = (event: Envelope, chain: Chain): boolean =>
  !isUnversionedType(event.type) &&
  Number.isSafeInteger(event.ver) &&
  (event.ver as number) > chain.ver &&
  typeof event.prev === 'string';

const bridgeAgent = (chain: Chain, event: Envelope): Chain => {
  const { agent, agentver, agentprev } = event;
  if (agent === undefined || agentprev === undefined || !Number.isSafeInteger(agentver)) return chain;
  if ((agentver as number) <= agentLink(chain, agent).ver) return chain;
  const link = { ver: (agentver as number) - 1, head: agentprev };
  return { ...chain, agents: chain.agents.set(agent, link) };
};

const takes = (part: Part, bridged: Bridged, name: string): boolean => {
  if (part.bridges === 'first' && bridged.has(name)) return false;
  bridged.add(name);
  return true;
};

/** The chain against which a message of a part is judged: its own claim about what is not here, where the part allows that. */
export const bridge = (
  part: Part,
  bridged: Bridged,
  chain: Chain,
  message: { readonly subject: string; readonly document: unknown },
): Chain => {
  const event = readEnvelope(message.document);
  const { subject } = message;
  if (event === undefined || part.whole(subject) || !claims(event, chain)) return chain;
  const own = takes(part, bridged, subject)
    ? { ...chain, ver: (event.ver as number) - 1, head: event.prev as string }
    : chain;
  if (part.agents === 'whole' || event.agent === undefined) return own;
  return takes(part, bridged, `${subject} ${event.agent}`) ? bridgeAgent(own, event) : own;
};
