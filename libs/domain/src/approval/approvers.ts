// Who may approve at a published gate as the registry stands now: named people and holders of roles, in office. Decides nothing.
import type { AgentScope, ApprovalGate, Token } from '@writ/contracts';
import { agentOf, holdersOf, personOf } from '../registry/registry.queries.js';
import type { RegistryState } from '../registry/registry.state.js';

/** The approvers that a gate names, resolved to people in office, and those of them whom it excludes. Both distinct. */
export type ResolvedApprovers = { readonly approvers: readonly Token[]; readonly excluded: readonly Token[] };

/** Resolves a gate's names and roles for an agent; the agent's owner of now is excluded where the gate says so. */
export const resolveApprovers = (
  registry: RegistryState,
  gate: ApprovalGate,
  agent: AgentScope,
): ResolvedApprovers => {
  const { approvers, excludeOwner } = gate.spec;
  const named = approvers.people.filter((person) => personOf(registry, person) !== undefined);
  const holding = approvers.roles.flatMap((role) => holdersOf(registry, role, agent));
  const owner = agentOf(registry, agent)?.owner;
  return {
    approvers: [...new Set([...named, ...holding])],
    excluded: excludeOwner && owner !== undefined ? [owner] : [],
  };
};

/** The people who may approve now: the resolved approvers without the excluded; nobody where no gate is given. */
export const approversNow = (
  registry: RegistryState,
  gate: ApprovalGate | undefined,
  agent: AgentScope,
): readonly Token[] => {
  if (gate === undefined) return [];
  const { approvers, excluded } = resolveApprovers(registry, gate, agent);
  return approvers.filter((person) => !excluded.includes(person));
};
