// Owns the reading of permission violations from the log of nats-server, which is the only place where it tells them to others than
// the offender. It never repeats the payload or the client's own words.

/** What somebody tried. `subject` is as the server wrote it, at most 400 characters. `nkey` names the user in the roster. */
export type Violation = {
  readonly account: string;
  readonly nkey: string;
  readonly kind: 'publish' | 'reply' | 'subscribe';
  readonly subject: string;
};

// `... - "PLANE/nkey:UA..." - Publish Violation - Subject "gov.halt.x"`. The client's name stands before it and may hold
// anything, so the user is the last quoted word of its form before the violation.
const LINE =
  /.*"([A-Z]+)\/nkey:(U[A-Z2-7]{55})" - (Publish|Subscription) Violation - (Subject|Reply) "([^"]{1,400})/;

/** The violation that a line of the log tells of; `undefined` for every other line. */
export function readViolation(line: string): Violation | undefined {
  const match = LINE.exec(line);
  if (match === null) return undefined;
  const [, account = '', nkey = '', verb, what, subject = ''] = match;
  const kind = verb === 'Subscription' ? 'subscribe' : what === 'Reply' ? 'reply' : 'publish';
  return { account, nkey, kind, subject };
}

/** The violations in a piece of a log, in order: whole lines only. */
export function readViolations(log: string): readonly Violation[] {
  return log.split('\n').flatMap((line) => readViolation(line) ?? []);
}
