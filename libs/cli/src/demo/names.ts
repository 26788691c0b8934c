// The names of the sample organisation.

/** Who there is. */
export const Sample = {
  org: 'acme',
  environment: 'acme.shop.prod',
  agent: 'acme.shop.prod.ops',
  admin: 'alice',
  approver: 'bob',
  oncall: 'oncall',
} as const;
