// The one table of codes a person can meet: what it means and what to do next. The reference page is generated from it.

const code = (title: string, next: string) => ({ title, next }) as const;

/** Every code, by name. Codes are never reused; families: see the middle part. */
export const Codes = {
  // Frames and documents
  'WRIT-FRM-001': code(
    'the message is not a signed frame',
    'send the frame exactly as the signing library made it',
  ),
  'WRIT-FRM-002': code('the document is too large', 'shorten it: intents 12 KiB, other documents 48 KiB'),
  'WRIT-FRM-003': code(
    'the signature does not verify',
    'sign with the registered key; do not re-serialise after signing',
  ),
  'WRIT-FRM-004': code(
    'the document is not canonical JSON',
    'use RFC 8785 canonical JSON with safe integers',
  ),
  'WRIT-FRM-005': code('the key is not known', 'register the key first: writ agent add, writ person add'),
  'WRIT-FRM-006': code('the key is revoked or retired', 'rotate to a new key'),
  'WRIT-FRM-007': code('the key may not sign this', 'use a key whose role and holder fit the subject'),
  'WRIT-FRM-008': code('the frame names another subject', 'sign for the subject on which you publish'),
  'WRIT-FRM-009': code(
    'the document does not fit its schema',
    'compare it with proto-schemas; update the client',
  ),
  'WRIT-FRM-010': code('the reply subject is not your inbox', 'use your own inbox prefix'),
  'WRIT-FRM-011': code('too many messages', 'slow down; what was shed is counted and recorded'),
  'WRIT-FRM-012': code('the document is too deep', 'flatten it: intents 24 levels, other documents 32'),
  'WRIT-FRM-013': code(
    'a disclosure does not fit its commitment',
    'send exactly the disclosures that were committed',
  ),
  // Intents and decisions
  'WRIT-DEC-001': code('the intent is stale', 'make a new intent; it must be at most 2 minutes old'),
  'WRIT-DEC-002': code('the intent id was used for another intent', 'use a new UUIDv7 for each intent'),
  'WRIT-DEC-003': code('the deadline of the intent has passed', 'make a new intent with a later deadline'),
  'WRIT-DEC-004': code(
    'the boundary does not permit this',
    'ask the owner for a wider boundary, or do something else',
  ),
  'WRIT-DEC-005': code('no boundary is in force for the agent', 'publish one: writ boundary publish FILE'),
  'WRIT-DEC-006': code('the agent is not active', 'ask the registry administrator'),
  'WRIT-DEC-007': code('a limit is used up', 'wait for the window to pass or ask for a higher limit'),
  'WRIT-DEC-008': code('a halt covers the agent', 'wait for the signed release'),
  'WRIT-DEC-009': code('the decision service is not ready', 'ask again with the same intent id'),
  // Approval
  'WRIT-APR-001': code('there is no such gate', 'list the open gates: writ status'),
  'WRIT-APR-002': code('you may not vote at this gate', 'ask one of the named approvers'),
  'WRIT-APR-003': code('you have voted already', 'one person, one vote'),
  'WRIT-APR-004': code('the gate is decided', 'nothing more to do'),
  'WRIT-APR-005': code('the deadline of the gate has passed', 'the declared fallback applied'),
  'WRIT-APR-006': code(
    'the vote is for another action or version',
    'read the gate again and vote on what it shows',
  ),
  'WRIT-APR-007': code('the gate is frozen by a halt', 'vote after the release'),
  'WRIT-APR-008': code('the vote has expired', 'vote again'),
  // Receipts and outcomes
  'WRIT-RCP-001': code(
    'there is no decision for this intent',
    'ask for a decision first; then again with the same id',
  ),
  'WRIT-RCP-002': code('the intent was not permitted', 'read the decision'),
  'WRIT-RCP-003': code('the arguments are not those that were decided', 'use exactly the obliged arguments'),
  'WRIT-RCP-004': code('the permit has expired', 'make a new intent'),
  'WRIT-RCP-005': code(
    'the receipt was issued to another audience',
    'one receipt per intent, for one enforcement point',
  ),
  'WRIT-RCP-006': code('a halt covers the agent', 'wait for the signed release'),
  'WRIT-RCP-007': code(
    'the boundary in force no longer permits this',
    'make a new intent under the new boundary',
  ),
  'WRIT-RCP-008': code('the plane has no fresh lease', 'wait; nothing is issued without the kill-switch'),
  'WRIT-RCP-009': code('the approval is pending', 'wait for the gate'),
  'WRIT-RCP-010': code('the approval was refused', 'do something else'),
  'WRIT-RCP-011': code('there is no such receipt', 'report with the id of the receipt that you hold'),
  'WRIT-RCP-012': code('the outcome is recorded already', 'nothing more to do'),
  'WRIT-RCP-013': code('the environment has not been opened', 'wait for the kill-switch to open it'),
  'WRIT-RCP-014': code(
    'the same idempotency key has an unknown outcome',
    'reconcile the first attempt before trying again',
  ),
  'WRIT-RCP-015': code('the ledger view is not fresh', 'ask again with the same id'),
  'WRIT-RCP-016': code('the permit was revoked', 'make a new intent'),
  // Registry
  'WRIT-REG-001': code('you may not do this', 'ask an administrator of the scope'),
  'WRIT-REG-002': code('there is no such thing', 'check the name'),
  'WRIT-REG-003': code('it exists already', 'choose another name'),
  'WRIT-REG-004': code('the command was made against an older version', 'look again, sign again'),
  'WRIT-REG-005': code('the command has expired', 'sign it again'),
  'WRIT-REG-006': code('the document is not valid', 'correct it where the message points'),
  'WRIT-REG-007': code(
    'the proof of possession does not hold',
    'sign the key request with the new key itself',
  ),
  'WRIT-REG-008': code('the command was used already', 'sign a new one'),
  'WRIT-REG-009': code('the last administrator cannot be removed', 'add another one first'),
  // Halts
  'WRIT-HLT-001': code('there is no such halt in force', 'list them: writ status'),
  'WRIT-HLT-002': code('you may not release this', 'ask an operator of the scope'),
  'WRIT-HLT-003': code('the halt could not be recorded yet', 'agents stop all the same; ask again'),
  'WRIT-HLT-004': code('the preserved state is too large', 'at most 256 KiB'),
  'WRIT-HLT-005': code('there is no preserved state of that digest', 'nothing to restore'),
  'WRIT-HLT-006': code('you may not halt this scope', 'ask for a grant; see writ person add --halt'),
  // Conduct
  'WRIT-CON-001': code('you may not change containment or autonomy', 'ask an operator of the scope'),
  'WRIT-CON-002': code('the agent stands there already', 'nothing to do'),
  // Ledger
  'WRIT-LED-001': code('the ledger is full', 'add space; nothing was written'),
  'WRIT-LED-002': code('the append could not be confirmed in time', 'ask again with the same id'),
  'WRIT-LED-003': code('the ledger refused the append', 'see the reason'),
  'WRIT-LED-004': code(
    'the stream is not configured as it must be',
    'see the named field; start with the bootstrap identity',
  ),
  'WRIT-LED-005': code('the NATS server is too old', 'install nats-server 2.12 or later'),
  'WRIT-LED-006': code('the ledger went backwards or differs', 'stop and compare: writ fsck'),
  'WRIT-LED-007': code('another writer was faster until the deadline', 'ask again with the same id'),
  // Client
  'WRIT-CLI-001': code('writ has not been built', 'npm run build'),
  'WRIT-CLI-002': code('the command line is not right', 'see --help'),
  'WRIT-CLI-003': code('there is no installation here', 'writ init'),
  'WRIT-CLI-004': code('there is an installation here already', 'choose another directory'),
  'WRIT-CLI-005': code('the plane does not answer', 'is it up? writ up'),
  'WRIT-CLI-006': code('the plane is running already', 'writ status; stop it first'),
  'WRIT-ENF-001': code('the enforcement point is halted', 'wait for the signed release'),
  'WRIT-ENF-002': code('there is no fresh lease', 'wait for the plane; nothing is executed without it'),
  'WRIT-ENF-003': code('the plane did not answer in time', 'not executed; ask again with the same intent'),
  'WRIT-ENF-004': code('the receipt does not fit', 'not executed; report this'),
  'WRIT-ENF-005': code('an obligation is not known here', 'not executed; update the client'),
  'WRIT-ENF-006': code('the intent was denied', 'read the reason codes'),
  'WRIT-ENF-007': code('the approval was refused or timed out', 'do something else'),
  'WRIT-ENF-008': code('the answer is not signed by the plane', 'not executed; check the pinned root'),
  'WRIT-ENF-009': code('the receipt has expired', 'not executed; ask again'),
  // Obligations, boundaries
  'WRIT-OBL-001': code('an obligation is not known', 'update the client'),
  'WRIT-OBL-002': code('an obligation does not fit the argument', 'correct the boundary'),
  'WRIT-BND-001': code(
    'the document is not valid YAML or JSON',
    'correct the syntax where the message points',
  ),
  'WRIT-BND-002': code('a field is unknown, missing or wrong', 'correct it where the message points'),
  'WRIT-BND-003': code('a condition does not compile', 'correct the CEL expression'),
  'WRIT-BND-004': code('a condition reads a field that is not declared clear', 'add it to spec.clear'),
  'WRIT-BND-005': code('a gate is needed and not named', 'name it in the rule, the limit or the default'),
  'WRIT-BND-006': code('two entries have the same id', 'rename one'),
  'WRIT-BND-007': code('a rule can never apply', 'remove it or move it'),
  // Running
  'WRIT-CFG-001': code('the configuration is not valid', 'correct the named setting'),
  'WRIT-CFG-002': code('a file that must be there is not', 'see the named path; writ init makes it'),
  'WRIT-CFG-003': code('a key file may be read by others', 'chmod 600 it'),
  'WRIT-RUN-001': code('no NATS server was found', 'install nats-server 2.12 or later, or set WRIT_NATS_URL'),
  'WRIT-RUN-002': code('the NATS server is too old', 'install nats-server 2.12 or later'),
  'WRIT-RUN-003': code('a server did not start', 'see its log'),
  'WRIT-RUN-004': code('a service did not become ready', 'see its log'),
  'WRIT-RUN-005': code('an error that should not happen', 'report it with the log'),
  'WRIT-VER-001': code('the file is not a ledger export', 'make it with writ verify --export'),
  'WRIT-VER-002': code('the record does not verify', 'see the findings; keep the file'),
  'WRIT-PRJ-001': code('a projection handler failed', 'the projection stands still; see the log and rebuild'),
  'WRIT-PRJ-002': code('the ledger differs from what was projected', 'stop and compare'),
  'WRIT-API-001': code('the request is not valid', 'see the API page'),
} as const;

export type Code = keyof typeof Codes;

/** A refusal as a value: business never throws. */
export type Refused = { readonly kind: 'refused'; readonly code: Code; readonly reason: string };

/** Makes a refusal. */
export const refused = (code: Code, reason: string): Refused => ({ kind: 'refused', code, reason });

/** What to do next about a code. */
export const nextStep = (c: Code): string => Codes[c].next;
