// Every finding of the verifier: its code, what it means and what to do next. WRIT-VER-1<invariant><n>; 10x and 2xx are the
// record itself, 2xx its checkpoints and bundles.

const code = (title: string, next: string) => ({ title, next }) as const;

const keep = 'keep the file; compare it with another copy of the ledger';
const diverged = 'keep both; ask who holds the other copy; stop relying on this ledger';
const bundle = 'ask for the bundle again; keep this one';
const look = 'look at the service that wrote it; revoke its key if it is not yours any more';
const ask = 'ask the people named; look at the service that wrote it';

/** The codes of the verifier. Same shape as `Codes` of @writ/contracts; codes are never used again for something else. */
export const VerifierCodes = {
  // The record
  'WRIT-VER-101': code('messages are missing', keep),
  'WRIT-VER-102': code('a sequence comes again or goes back', keep),
  'WRIT-VER-103': code('server time goes back', keep),
  'WRIT-VER-104': code('the chain of a subject is broken', keep),
  'WRIT-VER-105': code('a frame of a certified writer was altered', keep),
  'WRIT-VER-106': code('there is no genesis under the pinned root keys', 'check the pinned root keys'),
  'WRIT-VER-107': code('an event claims to have seen what comes after it', keep),
  'WRIT-VER-108': code('a part that does not tell which of two events has counted', 'verify a full bundle'),
  'WRIT-VER-109': code('the ledger is not here from its beginning', 'verify an export that begins at 1'),
  // Checkpoints
  'WRIT-VER-201': code('a checkpoint that the sealer has not signed', keep),
  'WRIT-VER-202': code('a checkpoint of other messages', keep),
  'WRIT-VER-203': code('the messages end before their checkpoint', keep),
  'WRIT-VER-204': code('another ledger than expected', 'check the pinned origin'),
  'WRIT-VER-205': code('a checkpoint that cannot be read', 'fetch it again'),
  'WRIT-VER-206': code('the heads of a checkpoint are other ones', keep),
  'WRIT-VER-207': code('a checkpoint with another time', keep),
  'WRIT-VER-208': code('a signature under a checkpoint does not verify', 'fetch it again; keep both'),
  'WRIT-VER-211': code('the ledger ends before a checkpoint that was signed', diverged),
  'WRIT-VER-212': code('a checkpoint was signed for another ledger history', diverged),
  'WRIT-VER-213': code('two checkpoints of one size differ', diverged),
  'WRIT-VER-214': code(
    'an outside checkpoint that nobody known has signed',
    'fetch it again; check the witnesses',
  ),
  'WRIT-VER-215': code('an outside checkpoint that cannot be compared', 'compare it with a full bundle'),
  // Bundles
  'WRIT-VER-221': code('a file of the bundle is missing, altered or not named', bundle),
  'WRIT-VER-222': code('the manifest does not verify', bundle),
  'WRIT-VER-223': code('the manifest says something else than the bundle holds', bundle),
  'WRIT-VER-224': code('a proof does not lead to the checkpoint', bundle),
  'WRIT-VER-225': code('something that belongs here was left out', bundle),
  'WRIT-VER-226': code('the heads shown do not lead to the checkpoint', bundle),
  'WRIT-VER-227': code('a message that was not asked for', bundle),
  'WRIT-VER-228': code('the sample is not the one that the checkpoint gives', bundle),
  'WRIT-VER-229': code('a disclosure that belongs to no message here', bundle),
  'WRIT-VER-231': code('something that the receipt rests on is not shown', 'ask for a bundle of the agent'),
  // 1: no receipt without a permit or a granted approval
  'WRIT-VER-111': code('a receipt without a permit', look),
  'WRIT-VER-112': code('a receipt for something else than was decided', look),
  'WRIT-VER-113': code('a receipt after the permit or grant had expired', look),
  'WRIT-VER-114': code('a receipt on a stale view of the boundary', look),
  'WRIT-VER-115': code('a receipt that the boundary in force does not permit', look),
  'WRIT-VER-116': code('a receipt without the approval that it names', look),
  'WRIT-VER-117': code('a receipt after the permit was revoked', look),
  'WRIT-VER-118': code('a receipt that lives longer than it may', look),
  'WRIT-VER-119': code('a receipt that was not asked for like this', look),
  // 2: no receipt after a halt
  'WRIT-VER-121': code('a receipt under a halt', look),
  'WRIT-VER-122': code('a receipt in an environment that was not opened', look),
  'WRIT-VER-123': code('a release without the signatures of the people it names', ask),
  // 3: one receipt, one audience, one outcome chain
  'WRIT-VER-131': code('a second receipt for one intent', look),
  'WRIT-VER-132': code('a receipt for an audience that did not ask', look),
  'WRIT-VER-133': code('an outcome that names no receipt of its intent', look),
  'WRIT-VER-134': code('a second outcome for one receipt', look),
  'WRIT-VER-135': code('an outcome from somebody who may not report it', look),
  'WRIT-VER-136': code('an outcome that differs from its signed report', look),
  'WRIT-VER-137': code(
    'an execution that began after its receipt had expired',
    'look at the enforcement point',
  ),
  // 4: one decision per intent
  'WRIT-VER-141': code('a second decision for one intent', look),
  'WRIT-VER-142': code('a decision that does not fit its intent', look),
  // 5: votes
  'WRIT-VER-151': code('a gate that does not fit its decision', look),
  'WRIT-VER-152': code('a vote of somebody who may not vote', ask),
  'WRIT-VER-153': code('one person voted twice', ask),
  'WRIT-VER-154': code('a vote for something else', look),
  'WRIT-VER-155': code('a result without its quorum', look),
  'WRIT-VER-156': code('a second result of one gate', look),
  'WRIT-VER-157': code('a gate that ran out too early or another way than it says', look),
  'WRIT-VER-158': code('a vote at a gate that was not open', look),
  // 6: keys and frames
  'WRIT-VER-160': code(
    'a void event: its key was revoked or distrusted by then',
    'nothing; it has no effect',
  ),
  'WRIT-VER-161': code('an embedded frame does not verify', look),
  'WRIT-VER-162': code('an embedded frame is signed by another key than it must be', look),
  'WRIT-VER-163': code('an embedded frame is signed with a key that was not valid', look),
  'WRIT-VER-164': code('an embedded frame has another digest or content than recorded', look),
  'WRIT-VER-166': code('a registry change that its command does not give', look),
  'WRIT-VER-168': code('an event of a type that is not known here', 'use a newer verifier'),
  'WRIT-VER-169': code(
    'a key is distrusted from before what was judged',
    'judge what it signed since by hand; it counts as void',
  ),
  // 8: decisions are derived again
  'WRIT-VER-181': code('a decision that the boundary does not give', look),
  'WRIT-VER-182': code('a decision with other counters than the ledger gives', look),
  'WRIT-VER-183': code('a decision on other inputs than the ledger gives', look),
  'WRIT-VER-184': code('a decision under a boundary or gate that was not in force', look),
  'WRIT-VER-185': code('a disclosure that the intent does not commit to', look),
  'WRIT-VER-186': code('obligations that do not give the recorded arguments digest', look),
  'WRIT-VER-187': code('a time that differs too much from the server', 'look at the clocks'),
  'WRIT-VER-188': code('a decision that lives longer than it may', look),
  'WRIT-VER-189': code('a decision on a stale view', look),
  // 11: commands
  'WRIT-VER-191': code('a signed command was used twice', ask),
  'WRIT-VER-192': code('a signed command was used after it had expired', ask),
  'WRIT-VER-193': code('a signed command was used against another version', ask),
  'WRIT-VER-194': code('a command of somebody who may not give it, or for something else', ask),
} as const;

/** A code of the verifier. */
export type VerifierCode = keyof typeof VerifierCodes;

/** The invariant of ARCHITECTURE §7 that a code belongs to; 0 for the record itself. */
export const invariantOf = (of: VerifierCode): number => {
  if (of.startsWith('WRIT-VER-2')) return 0;
  const digits = of.slice('WRIT-VER-1'.length);
  if (digits.startsWith('0')) return 0;
  return digits.startsWith('9') ? 11 : Number(digits[0]);
};
