// Which agent a ledger message names. Purely syntactic: no signature is verified, so that everyone who has the bytes agrees.
import { AgentScope, covers, type JsonValue, parseSubject } from '@writ/contracts';
import { readFrame } from '../frame.js';
import { parseCanonical } from '../parse-canonical.js';

/** The agent that a document names in `agent`, when that is an agent scope under the scope of the ledger subject; else none. */
export const agentNamedIn = (document: JsonValue, subject: string): AgentScope | undefined => {
  if (typeof document !== 'object' || document === null || !Object.hasOwn(document, 'agent'))
    return undefined;
  const { agent } = document as { readonly agent?: unknown };
  const at = parseSubject(subject);
  if (at?.kind !== 'ledger' || typeof agent !== 'string' || !covers(at.scope, agent)) return undefined;
  return AgentScope.safeParse(agent).success ? agent : undefined;
};

/** The same from the bytes of a message: none unless they are shaped like a frame with a canonical document (at most 48 KiB, 32 levels). */
export const messageAgent = (message: {
  readonly subject: string;
  readonly bytes: Uint8Array;
}): AgentScope | undefined => {
  const read = readFrame(message.bytes);
  const parsed = read.ok ? parseCanonical(read.frame.document) : undefined;
  return parsed?.ok === true ? agentNamedIn(parsed.value, message.subject) : undefined;
};
