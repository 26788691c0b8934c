// Our receipts in other shapes: they verify there, they name what is lost, and events that do not belong together are refused.
import type { LedgerDocumentOf } from '@writ/contracts';
import { canonicalize, generateKeyPair, signBytes } from '@writ/crypto';
import {
  type DecisionEvent,
  dsseFormat,
  type ExportedEvent,
  eventToStatement,
  type MappingOptions,
  type OutcomeEvent,
  permissionProtocolArtifact,
  type ReceiptEvent,
  readForeignKeys,
  receiptToInToto,
  receiptToPermissionProtocol,
  toDsse,
  verifyForeign,
} from '@writ/interop';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../src/foreign/bytes.js';
import { exported, goldenEvents } from './golden-events.js';

const key = generateKeyPair();
const read = readForeignKeys(JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: key.x, kid: 'export-2026' }));
const keys = read.ok ? read.keys : [];
const signer = async (message: Uint8Array) => ({ keyid: 'export-2026', signature: signBytes(key, message) });
const options: MappingOptions = { keyId: 'export-2026' };

const golden = <E extends ExportedEvent>(type: string): E =>
  goldenEvents.find(({ document }) => document.type === type) as unknown as E;

const decision = golden<DecisionEvent>('writ.decision.permitted.v1');
type Issued = LedgerDocumentOf<'writ.authority.receipt-issued.v1'>;
type Who = Issued['data']['who'];

const receiptWith = (who: Partial<Who> = {}): ReceiptEvent => {
  const { document } = golden<ReceiptEvent>('writ.authority.receipt-issued.v1');
  const named = { id: decision.document.id, digest: decision.digest };
  const data = {
    ...document.data,
    who: { ...document.data.who, via: 'policy' as const, approval: null, decision: named, ...who },
  };
  return exported({ ...document, data });
};
const receipt = receiptWith();
const outcome = exported({
  ...golden<OutcomeEvent>('writ.outcome.succeeded.v1').document,
  data: {
    ...(golden<OutcomeEvent>('writ.outcome.succeeded.v1').document.data as object),
    receipt: receipt.document.id,
  },
}) as unknown as OutcomeEvent;
const approval = (...people: readonly string[]): Partial<Who> => ({
  via: 'approval',
  approval: { id: decision.document.id, digest: decision.digest, people: [...people] },
});

describe('a receipt as an in-toto statement', () => {
  it('names the receipt by the SHA-256 of its canonical bytes, and the decision and the outcome', () => {
    const statement = receiptToInToto(receipt, decision, outcome);
    expect(statement).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      predicateType: 'urn:writ:predicate:authority-receipt:v1',
      subject: [{ digest: { sha256: sha256Hex(canonicalize(receipt.document)) } }],
      predicate: { decision: { verdict: 'permitted' }, outcome: { status: 'succeeded' } },
    });
  });

  it('signed, verifies as a DSSE envelope, and not with one byte changed', async () => {
    const statement = receiptToInToto(receipt, decision);
    if ('kind' in statement) throw new Error(statement.reason);
    const envelope = await toDsse(statement, signer);
    expect(verifyForeign(JSON.stringify(envelope), keys)).toMatchObject({ format: 'dsse', verdict: 'VALID' });
    const changed = Buffer.from(envelope.payload, 'base64');
    changed[20] = (changed[20] as number) ^ 1;
    const altered = { ...envelope, payload: changed.toString('base64') };
    expect(verifyForeign(JSON.stringify(altered), keys).verdict).toBe('INVALID');
  });

  it('every event as an envelope is valid too', async () => {
    for (const event of goldenEvents.slice(0, 5)) {
      const line = await dsseFormat(signer).encode(event);
      expect(verifyForeign(line, keys).verdict).toBe('VALID');
      expect(eventToStatement(event).predicate).toMatchObject({ ledger: { seq: event.seq } });
    }
  });
});

describe('a receipt in the Permission Protocol shape', () => {
  const mapped = (who: Partial<Who> = {}) => {
    const result = receiptToPermissionProtocol(receiptWith(who), decision, options);
    if (result.kind === 'refused') throw new Error(result.reason);
    return result;
  };

  it('signed over the digest, verifies as jcs_v2 and says what the receipt says', () => {
    const made = mapped();
    const artifact = permissionProtocolArtifact(made, signBytes(key, made.digest));
    const report = verifyForeign(JSON.stringify(artifact), keys);
    expect(report.checks.filter(({ ok }) => !ok)).toEqual([]);
    const { agent, what } = receipt.document.data;
    expect(report).toMatchObject({
      name: 'Permission Protocol receipt (jcs_v2)',
      verdict: 'VALID',
      says: {
        id: receipt.document.id,
        agent,
        decision: 'APPROVED',
        tool: what.tool,
        operation: what.operation,
      },
    });
  });

  it('names one person, the class of several, and our own decision point; never an engine of theirs', () => {
    expect(mapped(approval('alice')).payload['deciderId']).toBe('user:alice');
    expect(mapped(approval('alice', 'bob')).payload['deciderId']).toBe('role/human-approver');
    expect(mapped().payload['deciderId']).toBe('system/writ-decision');
  });

  it('says what could not be mapped, more of it where several people approved', () => {
    const fields = (who?: Partial<Who>) => mapped(who).unmapped.map(({ field }) => field);
    expect(fields()).toEqual(
      expect.arrayContaining(['audience', 'obligations', 'outcome', 'chain and position', 'deciderId']),
    );
    expect(fields(approval('alice'))).not.toContain('deciderId');
    expect(fields(approval('alice', 'bob'))).toContain('deciderId');
  });
});

describe('events that do not belong together', () => {
  const refused = { kind: 'refused', code: 'WRIT-FGN-030' };

  it('another decision, a changed decision under the old digest, and another receipt’s outcome are refused', () => {
    const changed = { ...decision, document: { ...decision.document, time: '2027-01-01T00:00:00.000Z' } };
    const stray = {
      ...outcome,
      document: { ...outcome.document, data: { ...outcome.document.data, receipt: 'x.outcome.0' } },
    };
    expect(receiptToInToto(receipt, changed)).toMatchObject(refused);
    expect(receiptToPermissionProtocol(receipt, changed, options)).toMatchObject(refused);
    expect(receiptToInToto(receipt, decision, stray as OutcomeEvent)).toMatchObject(refused);
  });
});
