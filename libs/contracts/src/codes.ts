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
  // Erasure and legal hold
  'WRIT-ERA-001': code(
    'a legal hold covers it',
    'list the holds: writ hold list; lift the hold, then it is erased',
  ),
  'WRIT-ERA-002': code(
    'the values were erased',
    'nothing can bring them back; the erasure stands in the ledger',
  ),
  'WRIT-ERA-003': code(
    'the vault cannot erase now',
    'nothing was ordered; ask again when its database answers',
  ),
  'WRIT-ERA-004': code(
    'there is no such order, or it is carried out already',
    'list them: writ erase --list',
  ),
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
  'WRIT-CON-003': code('the evidence is not enough for a promotion', 'promote when the record supports it'),
  'WRIT-CON-004': code(
    'the report is stale',
    'compare the clocks; what it told of is in the log of its service',
  ),
  'WRIT-CON-005': code('this was reported already', 'nothing; a report counts once'),
  'WRIT-CON-006': code('the report does not fit the record', 'look which service signed it'),
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
  'WRIT-LED-008': code('the event landed without effect', 'look for a revoked key; renew it, ask again'),
  'WRIT-LED-009': code('too much is waiting for this subject', 'slow down; ask again with the same id'),
  'WRIT-LED-010': code('too many messages in one append', 'split it: at most 1,000'),
  'WRIT-LED-011': code('the writer is closed', 'ask again with the same id'),
  'WRIT-LED-013': code(
    'the ledger is not the one that this service knew',
    'compare: writ fsck; to go on with it, an administrator decides: writ ledger adopt',
  ),
  'WRIT-LED-014': code(
    'every service knows this ledger',
    'nothing is to be decided; to sign all the same: --anyway',
  ),
  'WRIT-LED-012': code('the event is too large', 'at most 48 KiB; shorten it'),
  // The sealer
  'WRIT-SEA-001': code(
    'the database was not prepared for the sealer',
    'writ up does it; with servers of your own: writ prepare',
  ),
  'WRIT-SEA-002': code(
    'the ledger is not the one that was sealed',
    'keep everything as it is and compare: writ fsck; nothing is signed until an operator has decided',
  ),
  'WRIT-SEA-003': code(
    'the ledger is shorter than what was sealed',
    'it was truncated or rolled back: restore it, or compare with writ fsck; nothing is signed',
  ),
  'WRIT-SEA-004': code('another sealer runs for this ledger', 'stop one of the two'),
  'WRIT-SEA-005': code(
    'the state of the sealer in Postgres is not what was signed',
    'it is thrown away and made anew from the ledger; unless a crash or a restored dump explains it, look who writes to schema sealer',
  ),
  'WRIT-SEA-006': code(
    'the ledger does not begin with the pinned genesis',
    'compare the origin in org.json with the first message of the ledger',
  ),
  'WRIT-SEA-007': code(
    'the last signed checkpoint cannot be read',
    'restore sealer/checkpoint.txt from backup; it is what keeps the sealer from signing a smaller tree',
  ),
  'WRIT-SEA-008': code(
    'the checkpoint could not be stored or published',
    'it is tried again; see the reason',
  ),
  'WRIT-SEA-009': code('nothing is sealed up to there', 'ask for a size up to that of the last checkpoint'),
  'WRIT-SEA-010': code('the heads of that checkpoint are not kept any more', 'ask for a later checkpoint'),
  'WRIT-SEA-011': code(
    'the state of the sealer was changed by someone else',
    'the process ends and starts anew from what is there; look who writes to schema sealer, or restored it',
  ),
  'WRIT-SEA-020': code(
    'a witness has seen another ledger than ours',
    'someone shows two histories: keep both checkpoints and compare: writ fsck',
  ),
  'WRIT-SEA-021': code(
    'a witness has seen more than we have signed',
    'our ledger was rolled back, or the key of the sealer is used elsewhere: compare: writ fsck',
  ),
  'WRIT-SEA-022': code(
    'a witness does not know this ledger or its key',
    'give the witness our verifier key: writ witness log-key',
  ),
  'WRIT-SEA-023': code(
    'a witness does not answer',
    'it is asked again; the policy holds as long as enough do',
  ),
  'WRIT-SEA-024': code('the answer of a witness is not valid', 'check its verifier key in witnesses.json'),
  'WRIT-SEA-025': code(
    'a checkpoint could not be anchored',
    'it is tried again with the next one; see the reason',
  ),
  // Witnesses
  'WRIT-WIT-001': code('the folder is not that of a witness', 'make one: writ witness init'),
  'WRIT-WIT-002': code(
    'another witness runs on this folder',
    'stop the other process first; each witness has a folder of its own',
  ),
  'WRIT-WIT-003': code(
    'the state of the witness cannot be read',
    'restore it; a witness that forgets is none',
  ),
  'WRIT-WIT-004': code('the verifier key is not valid', 'give it as the log or witness printed it'),
  'WRIT-WIT-005': code(
    'another process has written the state of the witness',
    'one process per folder; the witness stopped',
  ),
  // Admission of ledger messages
  'WRIT-ADM-001': code('not a ledger subject', 'nothing of Writ writes there; look who may publish'),
  'WRIT-ADM-002': code('the event type does not belong to the subject', 'look who may publish there'),
  'WRIT-ADM-003': code('not the next version of its subject', 'a replay or a stale copy; it has no effect'),
  'WRIT-ADM-004': code('not linked to the head of its subject', 'it has no effect; look who wrote it'),
  'WRIT-ADM-005': code("not the next of its agent's chain", 'it has no effect; look who wrote it'),
  'WRIT-ADM-006': code('the fact is recorded already', 'nothing; a fact counts once by its id'),
  'WRIT-ADM-007': code('the event claims to have seen what came after it', 'look who wrote it'),
  'WRIT-ADM-008': code('this version does not know the event type', 'update this part of the plane'),
  'WRIT-ADM-009': code('the source is not the service of the key', 'look who wrote it'),
  'WRIT-ADM-010': code('the genesis does not name the pinned root key', 'check the pinned root'),
  'WRIT-ADM-011': code(
    'too few root keys agree to it',
    'have as many root holders endorse it as the threshold says: writ key endorse',
  ),
  'WRIT-ADM-012': code(
    'the appointed registrar does not fit',
    'appoint a new key: writ key appoint-registrar',
  ),
  'WRIT-ADM-013': code(
    'no key of a root or registrar is certified so, and no certificate is of a role that the event does not give',
    'it has no effect; look who holds the key of the registrar',
  ),
  'WRIT-ADM-014': code(
    'the appointment is for another ledger, or another registrar was appointed since',
    'make and endorse it anew: writ key appoint-registrar',
  ),
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
  'WRIT-BND-008': code(
    'the data subject would stand in the ledger in clear',
    'take the argument out of spec.clear, and out of conditions, or name another data subject',
  ),
  // Settings, keys and servers of a process
  'WRIT-CFG-001': code('A setting has a wrong value', 'Correct the named setting and start again.'),
  'WRIT-CFG-002': code(
    'The configuration file cannot be read',
    'Check that WRIT_CONFIG names a readable file that holds one JSON object.',
  ),
  'WRIT-CFG-003': code(
    'The configuration file has a setting that does not exist',
    'Remove it or correct its spelling.',
  ),
  'WRIT-CFG-004': code(
    'A needed setting is missing',
    'Set the named environment variable, or start everything with `writ up`.',
  ),
  'WRIT-CFG-005': code('A name is not fit for a path', 'Use lower-case letters, digits, dots and hyphens.'),
  'WRIT-KEY-101': code('A private file is missing', 'Run `writ init`, or restore the file from backup.'),
  'WRIT-KEY-102': code(
    'A private file can be read by others',
    'Run `chmod 600` on it; if others may have read it, replace its contents.',
  ),
  'WRIT-KEY-103': code('A private file already exists', 'Move it away first; it is never overwritten.'),
  'WRIT-KEY-104': code('A private file does not hold what it must', 'Restore the file from backup.'),
  'WRIT-NATS-001': code(
    'No nats-server was found',
    'Install nats-server 2.12 or later (https://nats.io/download), or set WRIT_NATS_SERVER_BIN to its path, or WRIT_NATS_URL to a running server.',
  ),
  'WRIT-NATS-002': code(
    'This nats-server is too old',
    'Install nats-server 2.12 or later (https://nats.io/download) and set WRIT_NATS_SERVER_BIN to its path.',
  ),
  'WRIT-NATS-003': code('nats-server did not start', 'Read the log file named in the reason.'),
  'WRIT-NATS-004': code(
    'Another nats-server runs on this store',
    'Stop the process named in the reason first; two servers on one store destroy it.',
  ),
  'WRIT-NATS-005': code('The bus cannot be reached', 'Check the address, and that the server runs.'),
  'WRIT-PG-001': code(
    'There is no embedded Postgres for this platform',
    'Set WRIT_DATABASE_URL to a running PostgreSQL 15 or later.',
  ),
  'WRIT-PG-002': code('Postgres did not start', 'Read the log file named in the reason.'),
  'WRIT-PG-003': code(
    'Another Postgres runs on this data directory',
    'Stop the process named in the reason first.',
  ),
  'WRIT-PG-004': code(
    'Postgres cannot run as root here',
    'Run as an ordinary user, or install util-linux (setpriv), or set WRIT_DATABASE_URL.',
  ),
  'WRIT-VLT-001': code('The vault is locked with another key', 'Give the key file this vault was made with.'),
  'WRIT-VLT-002': code(
    'A vault entry does not open',
    'The entry was altered or moved: compare the vault with its backup.',
  ),
  'WRIT-VLT-003': code(
    'A disclosure does not match its digest',
    'This is a bug in the caller: the digest is the SHA-256 of the disclosure text.',
  ),
  'WRIT-VLT-004': code(
    'The command that holds the key-encryption key failed',
    'Run it by hand with {"op":"id"} on its input; see docs/guides/privacy.md.',
  ),
  'WRIT-KEY-001': code(
    'the key file does not hold a private Ed25519 key',
    'restore it from its backup, or rotate to a new key',
  ),
  'WRIT-KEY-002': code(
    'a key file stands there already',
    'move it away or choose another name; a key is never overwritten',
  ),
  'WRIT-KEY-003': code(
    'the public key is not valid',
    'send the 32 bytes of an Ed25519 public key as 43 characters of base64url',
  ),
  'WRIT-KEY-010': code(
    'the external signer does not run',
    'check the command in the key file; see docs/reference/signer-protocol.md',
  ),
  'WRIT-KEY-011': code(
    'the external signer did not answer in time',
    'nothing was signed; look at the signer',
  ),
  'WRIT-KEY-012': code('the external signer refused', 'nothing was signed; look at the log of the signer'),
  'WRIT-KEY-013': code(
    'the external signer gave another signature than that of the key',
    'nothing was signed; check that kid and x of the key file are those of the key that the signer holds',
  ),
  'WRIT-KEY-014': code(
    'the key is held by an external signer, and a private key is needed here',
    'give a key file with a private key',
  ),
  'WRIT-KEY-020': code('the key cannot be ended in this way', 'see writ key --help'),
  'WRIT-KEY-021': code(
    'the request does not fit this installation',
    'make it anew: writ key appoint-registrar --out FILE',
  ),
  'WRIT-KEY-022': code(
    'too few root keys have endorsed it',
    'have it endorsed: writ key endorse FILE --root KEYFILE',
  ),
  'WRIT-KEY-023': code(
    'the service did not take the new key up',
    'see its log; both keys are certified, none is lost',
  ),
  'WRIT-KEY-030': code(
    'the certificate of the session key does not hold',
    'have a new one signed by the identity key, for 24 hours at most',
  ),
  'WRIT-KEY-031': code(
    'the session key is not certified by the key of who sends',
    'a session key serves its own agent alone; have one certified by its identity key',
  ),
  'WRIT-KEY-032': code(
    'the session key is not valid at this time',
    'have a new one certified; look at the clock of the machine',
  ),
  'WRIT-KEY-033': code(
    'this key may not be a session key, or sign this as one',
    'generate a fresh key for every session; people and services have none',
  ),
  // Running
  'WRIT-RUN-004': code('a service did not become ready', 'see its log'),
  'WRIT-RUN-005': code('an error that should not happen', 'report it with the log'),
  'WRIT-RUN-006': code(
    'the ledger stopped being readable',
    'look at the log; the service ends and starts anew',
  ),
  'WRIT-RUN-007': code(
    'a key was distrusted from before what has been folded',
    'nothing: the process ends, starts anew and leaves out what that key signed',
  ),
  'WRIT-RUN-008': code(
    'the key of this service does not count any more',
    'give it a new one: writ key rotate SERVICE',
  ),
  'WRIT-VER-001': code('the file is not a ledger export', 'make it with writ verify --export'),
  'WRIT-VER-002': code('the record does not verify', 'see the findings; keep the file'),
  'WRIT-VER-003': code('this cannot be exported', 'see the reason; fetch a checkpoint that fits the ledger'),
  'WRIT-VER-004': code('the trust page cannot be read', 'see docs/reference/bundle.md, section 1'),
  'WRIT-PRJ-001': code('a projection handler failed', 'the projection stands still; see the log and rebuild'),
  'WRIT-PRJ-002': code('the ledger differs from what was projected', 'stop and compare'),
  'WRIT-PRJ-003': code(
    'the database was not prepared for the read model',
    'writ up does it; with servers of your own: writ prepare',
  ),
  'WRIT-PRJ-004': code(
    'a thread that verifies signatures died',
    'the projection stands still; restart the read model, and look into the log',
  ),
  'WRIT-API-001': code('the request is not valid', 'see the API page'),
  'WRIT-API-002': code('the read model does not answer now', 'ask again in a moment; is Postgres up?'),
  'WRIT-API-003': code('the question could not be answered', 'report it with the log of the read model'),
} as const;

export type Code = keyof typeof Codes;

/** A refusal as a value: business never throws. */
export type Refused = { readonly kind: 'refused'; readonly code: Code; readonly reason: string };

/** Makes a refusal. */
export const refused = (code: Code, reason: string): Refused => ({ kind: 'refused', code, reason });

/** What to do next about a code. */
export const nextStep = (c: Code): string => Codes[c].next;
