// Owns how recorded events look, as JSON and as a line. It shows names, versions and digests; never arguments.
import type { Io } from '../io.js';
import type { RecordedEvent } from './answer.js';
import type { Told } from './carry-out.js';

/** An event as programs get it. `ver` is null for the kill-switch's facts, which have no version. */
export function eventJson({ document, digest, verified }: RecordedEvent) {
  const { id, type, subject, time } = document;
  return { id, type, subject, ver: 'ver' in document ? document.ver : null, time, digest, verified };
}

/** `recorded  registry.agent-registered, version 12 of gov.ledger.registry.acme (signature verified)` */
export function eventLine(io: Io, event: RecordedEvent): string {
  const { document, verified } = event;
  const name = document.type.replace(/^writ\./, '').replace(/\.v\d+$/, '');
  const where = 'ver' in document ? `version ${document.ver} of ${document.subject}` : document.subject;
  const how = verified
    ? 'signature verified'
    : io.colour.yellow('signature not checked: no key path can be read from here');
  return `${io.colour.green('recorded')}  ${name}, ${where} (${how})`;
}

/** Says what the registry was told, or how to tell it later. */
export function sayTold(io: Io, told: Told): void {
  if (told.kind === 'recorded') {
    if (told.events.length === 0) io.out('the registry knows it already');
    for (const event of told.events) io.out(eventLine(io, event));
  } else {
    io.out(`${io.colour.yellow('not yet known to the registry')}: ${told.why}`);
    io.out('give the same command again when the plane is up: nothing is made twice');
  }
}

/** The same for programs. */
export function toldJson(told: Told) {
  return told.kind === 'recorded'
    ? { registered: true, events: told.events.map(eventJson) }
    : { registered: false, why: told.why };
}
