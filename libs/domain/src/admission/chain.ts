// The running state of one ledger subject: version, head, the chains of its agents, the facts that have counted.
import type { AgentScope, Digest, EventId } from '@writ/contracts';
import { Map as ImmutableMap, Set as ImmutableSet } from 'immutable';
import type { Envelope } from './envelope.js';

/** One chain: how many versioned events, and h(n) over all valid messages. */
export type Link = { readonly ver: number; readonly head: Digest };

/**
 * The chain of one subject. An immutable value: a writer decides a whole batch against successive chains. `head` covers all
 * valid messages, unversioned ones included; `ver` counts the versioned ones. `agents` holds the same per agent.
 */
export type Chain = Link & {
  readonly agents: ImmutableMap<AgentScope, Link>;
  /** Ids of the unversioned facts that have counted. */
  readonly facts: ImmutableSet<EventId>;
};

/** h(n) = SHA-256(h(n-1) || digest(n)) over the raw 32 bytes: `link` of @writ/crypto, handed in because this is pure. */
export type LinkFunction = (prev: Digest, digest: Digest) => Digest;

/** 32 zero bytes: the head of an empty chain. */
export const EMPTY_HEAD: Digest = 'A'.repeat(43);

const emptyLink: Link = { ver: 0, head: EMPTY_HEAD };

/** The chain of a subject that holds nothing valid. */
export const emptyChain: Chain = { ...emptyLink, agents: ImmutableMap(), facts: ImmutableSet() };

/** The chain of one agent within a subject. */
export const agentLink = (chain: Chain, agent: AgentScope): Link => chain.agents.get(agent) ?? emptyLink;

const step = (at: Link, versioned: boolean, digest: Digest, link: LinkFunction): Link => ({
  ver: versioned ? at.ver + 1 : at.ver,
  head: link(at.head, digest),
});

/**
 * The chain after a valid message; does not judge, `admit` does. A void one keeps its place, but its id stays free: a revoked
 * key must not be able to use up the id of a halt to come.
 */
export const extend = (
  chain: Chain,
  event: Envelope,
  digest: Digest,
  link: LinkFunction,
  effective = true,
): Chain => {
  const versioned = event.ver !== undefined;
  const { agent } = event;
  return {
    ...step(chain, versioned, digest, link),
    agents:
      agent === undefined
        ? chain.agents
        : chain.agents.set(agent, step(agentLink(chain, agent), versioned, digest, link)),
    facts: versioned || !effective ? chain.facts : chain.facts.add(event.id),
  };
};

/** The place attributes of the next event: what a writer puts into the document and what admission demands of it. */
export type Place = Pick<Envelope, 'ver' | 'prev' | 'agentver' | 'agentprev'>;

/** `ver`, `prev` and, for an event about one agent, `agentver` and `agentprev` of the next versioned event. */
export const nextPlace = (chain: Chain, agent: AgentScope | undefined): Place => {
  const own = { ver: chain.ver + 1, prev: chain.head };
  if (agent === undefined) return own;
  const of = agentLink(chain, agent);
  return { ...own, agentver: of.ver + 1, agentprev: of.head };
};
