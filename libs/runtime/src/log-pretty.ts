// Owns the readable form of a log line for terminals. It shows exactly the fields of the JSON line, nothing more.
import type { DestinationStream } from 'pino';

const COLOURS: Readonly<Record<string, number>> = { warn: 33, error: 31, fatal: 31, debug: 90, trace: 90 };

/** A pino destination that writes each JSON line as `time level service event field=value`. Colour only on a terminal. */
export function prettyStream(out: NodeJS.WritableStream & { isTTY?: boolean }): DestinationStream {
  return { write: (line) => void out.write(`${prettyLine(line, out.isTTY === true)}\n`) };
}

/** One JSON log line, made readable. */
export function prettyLine(line: string, colour: boolean): string {
  const { level, time, service, event, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const fields = Object.entries(rest).map(([name, value]) => `${name}=${show(value)}`);
  const head = `${String(time).slice(11, 23)} ${String(level).padEnd(5)} ${String(service)}`;
  return [
    paint(head, colour ? (COLOURS[String(level)] ?? 36) : undefined),
    String(event ?? ''),
    ...fields,
  ].join(' ');
}

function show(value: unknown): string {
  return typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value);
}

function paint(text: string, colour: number | undefined): string {
  return colour === undefined ? text : `\u001b[${colour}m${text}\u001b[0m`;
}
