// Reads what the agent may and may not do from the boundary in force. It judges nothing: the decision service does.
import { covers, type Limit, type PermissionBoundary, type Scope } from '@writ/contracts';
import type { StateReading } from './gate/state-read.js';
import { operationMatches, resourceMatches } from './pattern.js';
import type { Directory } from './trust/directory.js';
import type { Capabilities, Capability, CapabilityLimit } from './types.js';

type Rule = PermissionBoundary['spec']['rules'][number];

/** The capabilities of `agent` by the documents that came with this state; without a boundary nothing is permitted. */
export const capabilitiesOf = (agent: Scope, directory: Directory, reading: StateReading): Capabilities => {
  const inForce = <F extends { readonly ver: number }>(facts: readonly F[]) =>
    facts.filter((fact) => reading.facts.includes(fact.ver));
  const fact = mostSpecific(agent, inForce(directory.boundaries));
  const { autonomy, containment } = reading.data;
  if (fact === undefined) {
    const otherwise = { effect: 'deny' } as const;
    return { boundary: null, level: null, autonomy, containment, entries: [], otherwise, gates: [] };
  }
  const { spec } = fact.data.boundary;
  const entries = spec.rules.map((rule) => capability(rule, spec.limits));
  const { effect, gate } = spec.default;
  return {
    boundary: { name: fact.data.name, digest: fact.data.digest, task: spec.task },
    level: spec.level,
    autonomy,
    containment,
    entries,
    otherwise: gate === undefined ? { effect } : { effect, gate },
    gates: gatesOf(agent, inForce(directory.gates)),
  };
};

type Placed = { readonly data: { readonly name: string; readonly scope: Scope }; readonly ver: number };

/** The one published nearest to the agent; of those the latest. */
const mostSpecific = <F extends Placed>(agent: Scope, facts: readonly F[]): F | undefined =>
  facts
    .filter((fact) => covers(fact.data.scope, agent))
    .sort((a, b) => depth(a.data.scope) - depth(b.data.scope) || a.ver - b.ver)
    .at(-1);

const depth = (scope: Scope): number => scope.split('.').length;

const gatesOf = (agent: Scope, gates: Directory['gates']): Capabilities['gates'] =>
  [...new Set(gates.map((fact) => fact.data.name))].flatMap((name) => {
    const fact = mostSpecific(
      agent,
      gates.filter((g) => g.data.name === name),
    );
    if (fact === undefined) return [];
    const { quorum, deadlineSeconds } = fact.data.gate.spec;
    return [{ name, quorum, deadlineSeconds }];
  });

const capability = (rule: Rule, limits: readonly Limit[]): Capability => ({
  id: rule.id,
  resource: rule.resource,
  operations: rule.operations,
  effect: rule.effect,
  ...(rule.when === undefined ? {} : { when: rule.when }),
  ...(rule.gate === undefined ? {} : { gate: rule.gate }),
  limits: limits.filter((limit) => bears(limit, rule)).map(limitOf),
  obligations: rule.obligations,
});

/** Whether a limit's patterns take in those of the rule, or the other way round. */
const bears = (limit: Limit, rule: Rule): boolean =>
  eitherWay(resourceMatches, [limit.resource], [rule.resource]) &&
  eitherWay(operationMatches, limit.operations, rule.operations);

const eitherWay = (
  match: (pattern: string, text: string) => boolean,
  left: readonly string[],
  right: readonly string[],
): boolean => left.some((l) => right.some((r) => match(l, r) || match(r, l)));

const limitOf = ({ id, max, windowSeconds, effect }: Limit): CapabilityLimit => ({
  id,
  max,
  windowSeconds,
  effect,
});
