// The halt as it is published (`gov.halt.<person>.<scope>`): any NATS client may send it; it is not signed.
import { z } from 'zod';
import { OperationPattern, ResourcePattern } from '../boundary/boundary.js';
import { EventId, LedgerSeq, Scope, Timestamp, Token } from '../ids.js';

/** A tool narrows a halt to matching actions. */
export const HaltTool = z.strictObject({ resource: ResourcePattern, operation: OperationPattern });
export type HaltTool = z.infer<typeof HaltTool>;

const HaltBody = z.looseObject({ reason: z.string().max(2000).optional(), tool: HaltTool.optional() });

/**
 * Reads the body of a halt. Never fails: a body that is empty, not JSON or not of this shape halts the full scope
 * (ARCHITECTURE §4), and a field that is wrong is ignored towards the wider halt.
 */
export const parseHaltBody = (text: string): { readonly reason?: string; readonly tool?: HaltTool } => {
  try {
    const parsed = HaltBody.safeParse(JSON.parse(text));
    if (!parsed.success) return {};
    const { reason, tool } = parsed.data;
    return { ...(reason === undefined ? {} : { reason }), ...(tool === undefined ? {} : { tool }) };
  } catch {
    return {};
  }
};

/** The id of a halt: `halt-<sequence in GOV_HALTS>`, or an id of its own when it was heard but not captured. */
export const HaltId = z.string().regex(/^halt-[a-z0-9-]{1,58}$/);

/** A halt in force, as state replies and environment-opened carry it. */
export const HaltInForce = z.strictObject({
  id: HaltId,
  scope: Scope,
  tool: HaltTool.optional(),
  person: Token,
  engagedAt: Timestamp,
  event: EventId,
  position: LedgerSeq,
});
export type HaltInForce = z.infer<typeof HaltInForce>;

export type HaltId = z.infer<typeof HaltId>;
