// Root keys that appoint another registrar and say from where on the one before it is distrusted.
import { LEDGER_PAYLOAD_TYPE } from '@writ/contracts';
import { digestOf, endorsedDigest, readFrame } from '@writ/crypto';
import { ORG, type TestLedger } from './ledger.js';
import { certificate } from './organisation.js';

const REGISTRY = `gov.ledger.registry.${ORG}`;

const genesisOf = ({ messages }: TestLedger): string => {
  const read = readFrame(messages[0]!.bytes);
  if (!read.ok) throw new Error(read.reason);
  return digestOf(LEDGER_PAYLOAD_TYPE, read.frame.document);
};

/** Appoints `registrar-2` in the place of the registrar, whose key counts for nothing from `from` on. */
export const appointInstead = (ledger: TestLedger, from: number) => {
  const data = {
    org: ORG,
    genesis: genesisOf(ledger),
    after: ledger.keyOf('registrar').kid,
    revokes: ledger.keyOf('registrar').kid,
    from,
    reason: 'compromised',
    registrar: certificate(ledger, 'registrar-2', 'registrar', 'registry', ORG),
  };
  const agreed = { org: ORG, what: endorsedDigest(data) };
  const endorsement = ledger.live('root-endorsement', ledger.keyOf('root'), REGISTRY, agreed).frame;
  const id = ledger.nextId();
  const draft = { id: `${id}.registry.0`, type: 'writ.registry.registrar-appointed.v1' as const };
  return ledger.write(
    { ...draft, causationid: id, correlationid: id, data: { ...data, endorsements: [endorsement] } },
    { key: ledger.keyOf('registrar-2'), source: 'registry' },
  );
};
