// Owns one receipt of ours in the shape of another system, and saying what has no place there. The plane's own signatures stay behind.
import { importPublic, type SigningKey, signWith } from '@writ/crypto';
import {
  type DecisionEvent,
  type OutcomeEvent,
  permissionProtocolArtifact,
  type ReceiptEvent,
  type ReceiptRefused,
  receiptToInToto,
  receiptToPermissionProtocol,
  toDsse,
  type Unmapped,
} from '@writ/interop';
import type { Judged } from '@writ/verifier';
import { fault } from '../fault.js';
import { mustHold } from './export-events.js';
import { judgeExport, type Pinning } from './judge.js';

/** The shapes in which a receipt can be exported. */
export const ReceiptShapes = ['in-toto', 'dsse', 'permission-protocol'] as const;
export type ReceiptShape = (typeof ReceiptShapes)[number];

/** What is written, and what could not be mapped. */
export type ShapedReceipt = { readonly document: unknown; readonly unmapped: readonly Unmapped[] };

type Found = {
  receipt?: ReceiptEvent;
  readonly decisions: Map<string, DecisionEvent>;
  outcome?: OutcomeEvent;
};

const IN_TOTO_UNMAPPED: readonly Unmapped[] = [
  { field: 'signatures', reason: 'the signatures of agent, people and plane stay in the ledger' },
  { field: 'chain and position', reason: 'named, not proven; use a portable receipt for the proof' },
  { field: 'arguments', reason: 'they are private here; the statement has their digest' },
];

function keep(found: Found, event: Judged, intentId: string): void {
  const { document } = event;
  switch (document.type) {
    case 'writ.authority.receipt-issued.v1':
      if (document.data.intentId === intentId) found.receipt ??= event as unknown as ReceiptEvent;
      return;
    case 'writ.decision.permitted.v1':
    case 'writ.decision.escalated.v1':
      if (document.id.startsWith(intentId))
        found.decisions.set(document.id, event as unknown as DecisionEvent);
      return;
    default:
      if (event.family === 'outcome' && (document.data as { intentId?: string }).intentId === intentId)
        found.outcome = event as unknown as OutcomeEvent;
  }
}

/** Receipt, decision and last outcome of an intent, from a read that was verified. WRIT-VER-002, WRIT-VER-003. */
export async function findReceipt(file: string, pinned: Pinning, intentId: string) {
  let found: Found = { decisions: new Map() };
  const report = await judgeExport(file, pinned, undefined, (judge) => {
    found = { decisions: new Map() };
    return judge((event) => keep(found, event, intentId));
  });
  mustHold(report);
  const { receipt, decisions, outcome } = found;
  if (receipt === undefined) return fault('WRIT-VER-003', `no receipt was issued for ${intentId}`);
  const bad = report.authority.notWithin.find(({ id }) => id === receipt.document.id);
  if (bad?.verdict === 'VIOLATION') fault('WRIT-VER-003', `the receipt is in VIOLATION: ${bad.code}`);
  const decision = decisions.get(receipt.document.data.who.decision.id);
  if (decision === undefined) return fault('WRIT-VER-003', 'the decision of the receipt is not here');
  return { report, receipt, decision, outcome };
}

function unrefused<T extends object>(made: T | ReceiptRefused): T {
  if ('kind' in made && made.kind === 'refused') return fault('WRIT-VER-003', made.reason);
  return made as T;
}

type Parts = Pick<Awaited<ReturnType<typeof findReceipt>>, 'receipt' | 'decision' | 'outcome'>;

/** The receipt in a shape: as a statement without a key; signed by the exporter's key as DSSE envelope or for Permission Protocol. */
export async function shapeReceipt(
  shape: ReceiptShape,
  { receipt, decision, outcome }: Parts,
  key: SigningKey | undefined,
): Promise<ShapedReceipt> {
  if (shape === 'permission-protocol' && key !== undefined) {
    const mapped = unrefused(receiptToPermissionProtocol(receipt, decision, { keyId: key.kid }));
    const signature = await signWith(key, mapped.digest);
    return { document: permissionProtocolArtifact(mapped, signature), unmapped: mapped.unmapped };
  }
  const statement = unrefused(receiptToInToto(receipt, decision, outcome));
  if (key === undefined) return { document: statement, unmapped: IN_TOTO_UNMAPPED };
  const signer = async (message: Uint8Array) => ({ keyid: key.kid, signature: await signWith(key, message) });
  return { document: await toDsse(statement, signer), unmapped: IN_TOTO_UNMAPPED };
}

/** The exporter's public key as a reader pins it (`writ verify --keys`). */
export function publicKeyOf({ x }: SigningKey) {
  const { kid } = importPublic(x);
  return { kty: 'OKP', crv: 'Ed25519', x, kid };
}
