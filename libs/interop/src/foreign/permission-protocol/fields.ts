// The signed fields of a Permission Protocol receipt, per canonicalization (receipt-spec SPEC.md §3.1, §3.4, §4).

const both = [
  'agentId',
  'attributionConfidence',
  'canonicalization',
  'createdAt',
  'deciderAuthMethod',
  'deciderDisplay',
  'deciderId',
  'expiresAt',
  'id',
  'policyVersion',
  'reasonCodes',
  'receiptVersion',
  'resolutionType',
  'riskTier',
  'runId',
  'scope',
  'signatureAlg',
  'signatureKeyId',
  'status',
] as const;

/** What may be signed: 24 fields in jcs_v2, 22 in jcs_v3. A field without a value is absent, never null. */
export const SIGNED_FIELDS = {
  jcs_v2: [...both, 'companyId', 'idemKey', 'inputHash', 'requestJson', 'summary'],
  jcs_v3: [...both, 'deciderProof', 'publicProjectionJson', 'requestCommitment'],
} as const;

/** The canonicalizations that are checked here. */
export type Canonicalization = keyof typeof SIGNED_FIELDS;

/** Fields that both versions always sign. */
const always = ['id', 'agentId', 'status', 'scope', 'deciderId', 'deciderDisplay', 'expiresAt', 'createdAt'];

/** What each version must sign besides its own markers. */
export const REQUIRED_FIELDS = {
  jcs_v2: [...always, 'attributionConfidence', 'companyId', 'idemKey', 'requestJson', 'inputHash'],
  jcs_v3: [...always, 'attributionConfidence', 'requestCommitment', 'publicProjectionJson'],
} as const;

/** Whether a text names one of them. */
export const isCanonicalization = (text: string | undefined): text is Canonicalization =>
  text === 'jcs_v2' || text === 'jcs_v3';
