// The rules of documents: boundaries, gates, tools, criteria, delegations. A document that does not hold together is refused.
import {
  type Digest,
  environmentOf,
  type PermissionBoundary,
  type Refused,
  refused,
  type Scope,
} from '@writ/contracts';
import { type Finding, pathText } from '../boundary/finding.js';
import { boundaryFindings, gateDocumentFindings, gatesNamed } from '../boundary/meaning.js';
import { type Asking, exists, missing, type Of, type Ruling } from './registry.asking.js';
import { agentOf, ancestry } from './registry.queries.js';
import type { RegistryState } from './registry.state.js';

const need = (digest: string | undefined, what: string): Digest => {
  if (digest === undefined) throw new Error(`the digest of the ${what} was not computed by the caller`);
  return digest;
};

const invalid = (findings: readonly Finding[]): Refused | undefined => {
  const first = findings.find((f) => f.severity === 'problem');
  return first === undefined
    ? undefined
    : refused('WRIT-REG-006', `${first.code} ${pathText(first.path)}: ${first.reason}`);
};

/** The project and environment of a document's scope exist; the agent may still come. */
const placeExists = (state: RegistryState, scope: Scope): Refused | undefined => {
  const [project, environment] = [2, 3].map((n) => scope.split('.').slice(0, n).join('.'));
  const depth = scope.split('.').length;
  if (depth >= 2 && !state.projects.has(project as string)) return missing(`project ${project}`);
  return depth >= 3 && !state.environments.has(environment as string)
    ? missing(`environment ${environment}`)
    : undefined;
};

/** A gate of that name is in force at, above or beneath the scope. */
const hasGate = (state: RegistryState, scope: Scope, name: string): boolean =>
  ancestry(scope).some((at) => state.gates.has(`${at}/${name}`)) ||
  state.gates.some((gate) => gate.name === name && gate.scope.startsWith(`${scope}.`));

const withoutGate = (state: RegistryState, boundary: PermissionBoundary): Refused | undefined => {
  const lost = gatesNamed(boundary).find((name) => !hasGate(state, boundary.metadata.scope, name));
  return lost === undefined ? undefined : missing(`gate ${lost}; publish it first`);
};

const agentPart = (scope: Scope) => (scope.split('.').length === 4 ? { agent: scope } : {});

const publishBoundary = ({ state, digests }: Asking, { boundary }: Of<'publish-boundary'>): Ruling => {
  const { name, scope } = boundary.metadata;
  const digest = need(digests.boundary, 'boundary');
  const held = state.boundaries.get(scope);
  if (held?.digest === digest) return exists(`boundary ${name}`);
  if (held !== undefined && held.name !== name) {
    return refused('WRIT-REG-003', `${scope} has the boundary ${held.name}; retire it first`);
  }
  const unfit =
    placeExists(state, scope) ?? invalid(boundaryFindings(boundary)) ?? withoutGate(state, boundary);
  const data = { name, scope, digest, boundary };
  return unfit ?? { type: 'writ.registry.boundary-published.v1', ...agentPart(scope), data };
};

const retireBoundary = ({ state }: Asking, { name, scope }: Of<'retire-boundary'>): Ruling =>
  state.boundaries.get(scope)?.name === name
    ? { type: 'writ.registry.boundary-retired.v1', ...agentPart(scope), data: { name, scope } }
    : missing(`boundary ${name} in force at ${scope}`);

const publishGate = ({ state, digests }: Asking, { gate }: Of<'publish-gate'>): Ruling => {
  const { name, scope } = gate.metadata;
  const digest = need(digests.gate, 'gate');
  if (state.gates.get(`${scope}/${name}`)?.digest === digest) return exists(`gate ${name}`);
  const unfit = placeExists(state, scope) ?? invalid(gateDocumentFindings(gate));
  return unfit ?? { type: 'writ.registry.gate-published.v1', data: { name, scope, digest, gate } };
};

const retireGate = ({ state }: Asking, { name, scope }: Of<'retire-gate'>): Ruling =>
  state.gates.has(`${scope}/${name}`)
    ? { type: 'writ.registry.gate-retired.v1', data: { name, scope } }
    : missing(`gate ${name} in force at ${scope}`);

const registerTool = ({ state }: Asking, { manifest }: Of<'register-tool'>): Ruling => {
  const held = state.tools.get(manifest.tool);
  return held?.digest === manifest.digest && held.version === manifest.version
    ? exists(`tool ${manifest.tool} ${manifest.version}`)
    : { type: 'writ.registry.tool-registered.v1', data: { manifest } };
};

const publishCriteria = ({ state }: Asking, { criteria }: Of<'publish-criteria'>): Ruling =>
  placeExists(state, criteria.scope) ?? { type: 'writ.registry.criteria-published.v1', data: { criteria } };

type DocumentAction = Of<
  | 'publish-boundary'
  | 'retire-boundary'
  | 'publish-gate'
  | 'retire-gate'
  | 'register-tool'
  | 'publish-criteria'
>;

/** The rule of a document's publication or retirement. */
export const documentChange = (asking: Asking, action: DocumentAction): Ruling => {
  switch (action.do) {
    case 'publish-boundary':
      return publishBoundary(asking, action);
    case 'retire-boundary':
      return retireBoundary(asking, action);
    case 'publish-gate':
      return publishGate(asking, action);
    case 'retire-gate':
      return retireGate(asking, action);
    case 'register-tool':
      return registerTool(asking, action);
    case 'publish-criteria':
      return publishCriteria(asking, action);
  }
};

const inService = (state: RegistryState, agent: string): boolean =>
  agentOf(state, agent)?.status === 'active';

const grantDelegation = ({ state, now }: Asking, { delegation }: Of<'grant-delegation'>): Ruling => {
  const { from, to, boundary, expires } = delegation;
  if (!inService(state, from) || !inService(state, to)) return missing('such pair of agents in service');
  if (from === to || environmentOf(from) !== environmentOf(to)) {
    return refused('WRIT-REG-006', 'an agent delegates to another one of its own environment');
  }
  if (!state.boundariesByDigest.has(boundary)) return missing('boundary of that digest');
  if (Date.parse(expires) <= Date.parse(now)) return refused('WRIT-REG-006', 'it would have expired already');
  return { type: 'writ.registry.delegation-granted.v1', agent: from, data: { delegation } };
};

/** The rule of a delegation's grant or revocation. */
export const delegationChange = (
  asking: Asking,
  action: Of<'grant-delegation' | 'revoke-delegation'>,
): Ruling => {
  if (action.do === 'grant-delegation') return grantDelegation(asking, action);
  const held = asking.state.delegations.get(action.event);
  if (held === undefined || held.revoked) return missing('such delegation in force');
  const { event } = action;
  return { type: 'writ.registry.delegation-revoked.v1', agent: held.delegation.from, data: { event } };
};
