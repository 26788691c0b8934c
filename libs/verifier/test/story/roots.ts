// Two of three roots: the genesis that they agree to, and the registrars that they appoint. Signs whatever it is told to sign.
import { endorsedDigest } from '@writ/crypto';
import { foundOrganisation } from '@writ/domain';
import { createLedger, ORG, type TestLedger } from './ledger.js';
import { certificate } from './organisation.js';

const REGISTRY = `gov.ledger.registry.${ORG}`;
const NAMES = ['root-1', 'root-2', 'root-3'] as const;

/** What an auditor of such a ledger pins. */
export const pinnedIn = (ledger: TestLedger, threshold = 2) => ({
  org: ORG,
  roots: NAMES.map(ledger.keyOf).map(({ kid, x }) => ({ kid, x })),
  threshold,
});

const endorse = (ledger: TestLedger, name: string, data: object) =>
  ledger.live('root-endorsement', ledger.keyOf(name), REGISTRY, { org: ORG, what: endorsedDigest(data) })
    .frame;

/** Founds with the three roots, of which two agree, whatever threshold the genesis names. `keys`: those of another ledger, a second later. */
export const foundedByRoots = (threshold = 2, keys?: TestLedger): TestLedger => {
  const made = createLedger();
  if (keys !== undefined) made.pass(1);
  const ledger = keys === undefined ? made : { ...made, keyOf: keys.keyOf };
  const genesis = foundOrganisation({
    id: ledger.nextId(),
    org: ORG,
    roots: pinnedIn(ledger).roots,
    threshold,
    registrar: certificate(ledger, 'registrar', 'registrar', 'registry', ORG),
    possession: () => true,
  });
  if ('kind' in genesis) throw new Error(genesis.reason);
  const data = { ...genesis.data, endorsements: [endorse(ledger, 'root-2', genesis.data)] };
  ledger.write({ ...genesis, data }, { key: ledger.keyOf('root-1') });
  return ledger;
};

type Over = {
  readonly revokes?: string | null;
  readonly from?: number | null;
  readonly by?: readonly string[];
  readonly id?: string;
};

/** What `by` (two roots) endorse: `name` as registrar of this ledger as it stands. */
export const appointmentIn = (ledger: TestLedger, name: string, over: Over = {}) => {
  const { genesis, registrar } = ledger.states.registry;
  const { revokes = registrar, from = null, by = ['root-1', 'root-2'] } = over;
  const data = {
    ...{ org: ORG, genesis, after: registrar, revokes, from, reason: 'compromised' as const },
    registrar: certificate(ledger, name, 'registrar', 'registry', ORG),
  };
  return { ...data, endorsements: by.map((root) => endorse(ledger, root, data)) };
};

/** Appoints, by what was endorsed now or before. */
export const appoint = (ledger: TestLedger, name: string, data: object = appointmentIn(ledger, name)) => {
  const id = ledger.nextId();
  const type = 'writ.registry.registrar-appointed.v1' as const;
  const draft = { id: `${id}.registry.0`, type, causationid: id, correlationid: id, data };
  return ledger.write(draft as never, { key: ledger.keyOf(name), source: 'registry' });
};
