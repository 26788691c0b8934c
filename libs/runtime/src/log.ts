// Owns the log of a process: JSON lines on stderr, one event a line. It never prints arguments, keys or agents' free text.
import { type DestinationStream, destination, type Logger, pino } from 'pino';
import type { LogLevel } from './config.js';
import { censor, describeError } from './log-censor.js';
import { prettyStream } from './log-pretty.js';

/** A pino logger whose message is the `event` of the line: `log.info({ seq }, 'ledger.appended')`. */
export type Log = Logger;

/** `stream` is for tests; without it lines go to stderr, synchronously. */
export type LoggerOptions = {
  readonly service: string;
  readonly level?: LogLevel;
  readonly pretty?: boolean;
  readonly stream?: DestinationStream;
};

/**
 * A logger that writes `{ level, time, service, event, ... }` to stderr (stdout belongs to command output).
 * At any depth, a field named args, arguments, seed, private, d, key, password, disclosures, reason, goal and the like is
 * replaced by `[redacted]`, bytes by their length; an error is shown as type, code, message and stack without its own fields.
 * Use either form: `log.info({ seq }, 'bus.ready')` or `log.info({ event: 'bus.ready', seq })`; further format arguments are dropped.
 */
export function createLogger({ service, level = 'info', pretty = false, stream }: LoggerOptions): Log {
  const sink = stream ?? (pretty ? prettyStream(process.stderr) : destination({ dest: 2, sync: true }));
  const log = pino(
    {
      level,
      base: { service },
      messageKey: 'event',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }), log: censor },
      serializers: { err: describeError, error: describeError },
      hooks: { logMethod: oneEvent },
    },
    sink,
  );
  return censoringChildren(log);
}

// pino drops the formatter of bindings in children, so they are cleaned on the way in; grandchildren inherit this.
function censoringChildren(log: Logger): Logger {
  const { child } = log;
  log.child = function cleaned(this: Logger, bindings, options) {
    return child.call(this, censor(bindings), options);
  } as typeof child;
  return log;
}

// The second argument is the event's name and never a format; an `event` field in the first one wins over it.
function oneEvent(this: Logger, input: unknown[], method: (...args: never[]) => void): void {
  const [first, second] = input;
  const call = (...args: unknown[]) => (method as (...args: unknown[]) => void).apply(this, args);
  const event = typeof second === 'string' ? second : undefined;
  if (first instanceof Error) call({ err: first }, event ?? 'error');
  else if (typeof first === 'object' && first !== null && !('event' in first) && event) call(first, event);
  else call(first);
}
