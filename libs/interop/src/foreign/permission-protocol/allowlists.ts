// What each public projection of a jcs_v3 receipt may show (receipt-spec SPEC.md §3.7). Names and slots only.

/** A slot: any scalar or list of scalars, an identifier, or one of some words; `public` only for a public repository. */
export type Slot = {
  readonly kind: 'value' | 'identifier' | readonly string[];
  readonly publicOnly: boolean;
};

const reversibility = ['REVERSIBLE', 'PARTIALLY_REVERSIBLE', 'IRREVERSIBLE'];
const value: Slot = { kind: 'value', publicOnly: false };
const identifier: Slot = { kind: 'identifier', publicOnly: false };
const oneOf = (...words: readonly string[]): Slot => ({ kind: words, publicOnly: false });
const hidden = (slot: Slot): Slot => ({ ...slot, publicOnly: true });

type Allowlist = ReadonlyMap<string, Slot>;

const under = (prefix: string, slot: Slot, names: string): readonly (readonly [string, Slot])[] =>
  names.split(' ').map((name) => [prefix === '' ? name : `${prefix}.${name}`, slot]);

const repositoryScope = [
  ...under('scope', identifier, 'env capability commitSha artifact_digest'),
  ...under('scope', oneOf('public', 'private'), 'visibility'),
  ...under('scope', hidden(identifier), 'repo ref workflow'),
];

const deployGate = (rule: Slot): Allowlist =>
  new Map([
    ...under('', value, 'intent.name intent.category action.tool action.operation'),
    ...under('', identifier, 'context.environment'),
    ...under('', oneOf(...reversibility), 'context.reversibility'),
    ...repositoryScope,
    ...under('policy', value, 'expiresAt decision.outcome'),
    ...under('policy.decision', rule, 'ruleId ruleVersion'),
    ...under('policy.decision.matchedInputs', value, 'changeClass analysisComplete'),
    ...under('policy.decision.matchedInputs', hidden(value), 'targetBranch defaultBranch changedPaths'),
    ...under('policy.authorizationBinding', value, 'version path commitSha rulesHash'),
    ...under('policy.authorizationBinding', hidden(value), 'repository branch prNumber'),
    ...under('policyAuthorization', value, 'version evaluatorVersion policyBlob headSha'),
    ...under('policyAuthorization', hidden(value), 'branch'),
    ...under('policyAuthorization.recordedDecisions[]', value, 'displayName at'),
    ...under('metadata', value, 'deployGateRequestId demo demoScope approverDisplayName'),
    ...under('metadata.denial', value, 'category decisionClass final requireNewRequest decidedAt'),
    ...under('metadata.denial', rule, 'ruleId'),
    ...under('metadata.override', value, 'overriddenReceiptId overriddenDecisionClass'),
    ...under('metadata.override', value, 'deniedAt grantsAuthorization nextState'),
    ...under('metadata.override', rule, 'ruleId ruleVersion'),
    ...under('metadata', hidden(value), 'pullRequest'),
    ...under('deploymentRenewal', value, 'purpose previousReceiptId mergeCommitSha rulesHash'),
    ...under('deploymentRenewal.recordedDecisions[]', value, 'displayName at'),
  ]);

/** Allowlist per projection tag. A tag is frozen; an unknown one cannot be checked. */
export const ALLOWLISTS: { readonly [tag: string]: Allowlist } = {
  'deploy_gate/v1': deployGate(value),
  'deploy_gate/v2': deployGate(hidden(value)),
  'execute/v1': new Map([
    ...under('', identifier, 'intent.name intent.category action.tool action.operation'),
    ...under('', oneOf('development', 'staging', 'production'), 'context.environment'),
    ...under('', oneOf(...reversibility), 'context.reversibility'),
  ]),
  'revocation/v1': new Map([
    ...under('', value, 'intent.name metadata.revokedReceiptId metadata.deployGateRequestId'),
    ...repositoryScope,
  ]),
};
