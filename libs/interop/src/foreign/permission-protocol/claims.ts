// What a Permission Protocol receipt says, in neutral names.
import type { JsonObject } from '@writ/contracts';
import { readJson, textAt } from '../json.js';
import type { Findings } from '../report.js';
import { readProjection } from './projection.js';

const reasonsOf = (payload: JsonObject): readonly string[] | undefined => {
  const codes = readJson(textAt(payload, 'reasonCodes') ?? '');
  return Array.isArray(codes) ? codes.filter((item): item is string => typeof item === 'string') : undefined;
};

/** What the signed payload claims; the action as the request (jcs_v2) or the projection (jcs_v3) shows it. */
export const permissionProtocolClaims = (payload: JsonObject): Findings['says'] => {
  const request =
    readProjection(textAt(payload, 'requestJson')) ?? readProjection(textAt(payload, 'publicProjectionJson'));
  const decider = textAt(payload, 'deciderId');
  return {
    id: textAt(payload, 'id'),
    agent: textAt(payload, 'agentId'),
    decision: textAt(payload, 'status'),
    decidedBy: decider === undefined ? undefined : [decider],
    tool: textAt(request, 'action', 'tool'),
    operation: textAt(request, 'action', 'operation'),
    policy: textAt(payload, 'policyVersion'),
    issuedAt: textAt(payload, 'createdAt'),
    expiresAt: textAt(payload, 'expiresAt'),
    reasons: reasonsOf(payload),
  };
};
