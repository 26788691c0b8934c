// The boundaries and gates of the tests. Data only.
import type { ApprovalGate, PermissionBoundary } from '@writ/contracts';

type Rule = PermissionBoundary['spec']['rules'][number];
type RuleInput = Pick<Rule, 'id' | 'resource' | 'operations' | 'effect'> & Partial<Rule>;

export const rule = (input: RuleInput): Rule => ({
  reversibility: 'reversible',
  blastRadius: 'single',
  obligations: [],
  ...input,
});

/** Reads and small updates are permitted, single deletes too, dropping waits at the gate, secrets are denied. */
export const shopRules: readonly Rule[] = [
  rule({ id: 'read', resource: 'db:shop/**', operations: ['select'], effect: 'permit' }),
  rule({
    id: 'change-few',
    resource: 'db:shop/*',
    operations: ['update'],
    effect: 'permit',
    when: 'args.rows <= 10',
  }),
  rule({
    id: 'delete-one',
    resource: 'db:shop/carts',
    operations: ['delete'],
    effect: 'permit',
    reversibility: 'irreversible',
  }),
  rule({
    id: 'drop',
    resource: 'db:shop/**',
    operations: ['drop'],
    effect: 'gate',
    gate: 'people',
    reversibility: 'irreversible',
    blastRadius: 'system',
  }),
  rule({ id: 'secrets', resource: 'db:secrets/**', operations: ['*'], effect: 'deny' }),
];

export const boundary = (
  name: string,
  scope: string,
  spec: Partial<PermissionBoundary['spec']> = {},
): PermissionBoundary => ({
  apiVersion: 'writ/v1',
  kind: 'PermissionBoundary',
  metadata: { name, scope },
  spec: {
    task: 'Look after the shop database.',
    level: 3,
    autonomy: 'autonomous',
    clear: ['args.rows'],
    default: { effect: 'deny' },
    highStakesGate: 'people',
    permitSeconds: 300,
    receiptSeconds: 30,
    limits: [],
    rules: [...shopRules],
    ...spec,
  },
});

export const gate = (name: string, spec: Partial<ApprovalGate['spec']> = {}): ApprovalGate => ({
  apiVersion: 'writ/v1',
  kind: 'ApprovalGate',
  metadata: { name, scope: 'acme' },
  spec: {
    type: 'human',
    approvers: { people: [], roles: ['approver'] },
    quorum: 1,
    deadlineSeconds: 600,
    fallback: 'deny',
    excludeOwner: false,
    grantSeconds: 300,
    ...spec,
  },
});
