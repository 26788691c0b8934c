// What an export format is: text before, between and after the events, and one pure function. Never reads or writes anything.
import type { ExportedEvent } from './event.js';

/** An export format. `encode` gives one event without separator; a file is start, events with `between` between them, end. */
export type ExportFormat = {
  readonly name: string;
  readonly mediaType: string;
  readonly extension: string;
  readonly start: string;
  readonly between: string;
  readonly end: string;
  readonly encode: (event: ExportedEvent) => string | Promise<string>;
};

/** A format of one event a line. */
export const lineFormat = (
  name: string,
  mediaType: string,
  extension: string,
  encode: ExportFormat['encode'],
): ExportFormat => ({ name, mediaType, extension, start: '', between: '\n', end: '\n', encode });

/**
 * The chunks of a file in a format, for any number of events in constant memory. With no event at all: an empty table, an empty
 * list, or nothing.
 */
export async function* encodeEvents(
  format: ExportFormat,
  events: AsyncIterable<ExportedEvent> | Iterable<ExportedEvent>,
): AsyncGenerator<string, void, undefined> {
  let count = 0;
  for await (const event of events) {
    yield (count === 0 ? format.start : format.between) + (await format.encode(event));
    count += 1;
  }
  if (count === 0) yield format.start;
  if (count > 0 || format.start !== '') yield count === 0 ? format.end.trimStart() : format.end;
}
