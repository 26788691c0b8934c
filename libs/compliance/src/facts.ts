// Groups of event types by what they show. The frameworks name these groups; a test holds them against the catalogue of events.

const of = <F extends string>(family: F, ...names: readonly string[]): readonly string[] =>
  names.map((name) => `writ.${family}.${name}.v1`);

/** What is decided about intents before anything happens. */
export const permits = of('decision', 'permitted');
export const denials = of('decision', 'denied');
export const escalations = of('decision', 'escalated');
export const decisions = [...permits, ...denials, ...escalations];
export const plans = of('decision', 'plan-verified', 'plan-rejected');

/** The orders to act, and what was refused at the last moment. */
export const receipts = of('authority', 'receipt-issued');
export const withheld = of('authority', 'receipt-withheld', 'permit-revoked');
export const environments = of('authority', 'environment-opened');

/** What happened. */
export const outcomes = of('outcome', 'succeeded', 'failed', 'unknown', 'reconciled');
export const verifications = of('outcome', 'verified', 'contradicted');

/** People at gates. */
export const gates = of('approval', 'gate-opened', 'granted', 'rejected', 'timed-out', 'stage-escalated');
export const votes = of('approval', 'voted');
export const frozenGates = of('approval', 'frozen', 'thawed');
export const overrides = of('approval', 'overridden');

/** Stopping and going on. */
export const halts = of('authority', 'halt-engaged');
export const releases = of('authority', 'halt-released');
export const confirmations = of('stop', 'acknowledged', 'unconfirmed');
export const preservedState = of('stop', 'state-preserved', 'state-restored');
export const drills = of('stop', 'drill-finished');

/** Watching conduct. */
export const flags = of('conduct', 'flagged');
export const floods = of('conduct', 'flood-shed');
export const containment = of('conduct', 'containment-changed');
export const promotions = of('conduct', 'autonomy-promoted');
export const demotions = of('conduct', 'autonomy-demoted');
export const benchmarks = of('conduct', 'benchmark-recorded');

/** What is laid down: scopes, rules, people, agents, keys, tools. */
export const scopes = of('registry', 'organisation-founded', 'project-created', 'environment-created');
export const boundaries = of('registry', 'boundary-published', 'boundary-retired');
export const gateDocuments = of('registry', 'gate-published', 'gate-retired');
export const criteria = of('registry', 'criteria-published');
export const people = of('registry', 'person-added', 'person-removed');
export const roles = of('registry', 'role-granted', 'role-revoked');
export const owners = of('registry', 'owner-changed');
export const registrations = of('registry', 'agent-registered', 'enforcement-point-registered');
export const retirements = of('registry', 'agent-retired');
export const keys = of(
  'registry',
  'key-certified',
  'key-retired',
  'key-revoked',
  'key-distrusted',
  'registrar-appointed',
);
export const delegations = of('registry', 'delegation-granted', 'delegation-revoked');
export const tools = of('registry', 'tool-registered');
export const erasures = of(
  'registry',
  'erasure-ordered',
  'erased',
  'retention-due',
  'legal-hold-placed',
  'legal-hold-lifted',
);

export const adoptions = of('registry', 'ledger-adopted');

/** Every group: each event type of the ledger stands in one. */
export const allFacts: readonly string[] = [
  ...decisions,
  ...plans,
  ...receipts,
  ...withheld,
  ...environments,
  ...outcomes,
  ...verifications,
  ...gates,
  ...votes,
  ...frozenGates,
  ...overrides,
  ...halts,
  ...releases,
  ...confirmations,
  ...preservedState,
  ...drills,
  ...flags,
  ...floods,
  ...containment,
  ...promotions,
  ...demotions,
  ...benchmarks,
  ...scopes,
  ...boundaries,
  ...gateDocuments,
  ...criteria,
  ...people,
  ...roles,
  ...owners,
  ...registrations,
  ...retirements,
  ...keys,
  ...delegations,
  ...tools,
  ...erasures,
  ...adoptions,
];
