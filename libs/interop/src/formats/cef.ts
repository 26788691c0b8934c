// ArcSight Common Event Format, version 0. Every value is escaped for the part in which it stands.
import { canonicalize } from '@writ/crypto';
import { agentOf, type ExportedEvent, envelopeOf, millisOf, typeParts, weightOf } from './event.js';
import { type ExportFormat, lineFormat } from './format.js';

const lines = (value: string): string => value.replaceAll('\r', '\\r').replaceAll('\n', '\\n');

/** A header field: backslash and bar are escaped; a header has no line ends, so they become spaces. */
export const cefHeader = (value: string): string =>
  value
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replace(/[\r\n]+/g, ' ');

/** An extension value: backslash, equals sign and line ends are escaped. */
export const cefValue = (value: string): string =>
  lines(value.replaceAll('\\', '\\\\').replaceAll('=', '\\='));

/** Longer custom strings are cut by receivers; a cut JSON text is worse than none. */
const CUSTOM_STRING_MAX = 4000;

const SEVERITY = { alarm: 8, refusal: 5, plain: 2 } as const;

const labelled = (n: number, label: string, value: string | undefined) =>
  value === undefined
    ? []
    : ([
        [`cs${n}Label`, label],
        [`cs${n}`, value],
      ] as const);

const extensions = (event: ExportedEvent): readonly (readonly [string, string])[] => {
  const document = envelopeOf(event);
  const agent = agentOf(event);
  const data = canonicalize(document.data);
  return [
    ['rt', String(millisOf(event))],
    ['externalId', String(event.seq)],
    ['act', typeParts(event).fact],
    ['dvchost', document.source.replace('/writ/', '')],
    ...(agent === undefined ? [] : ([['suser', agent]] as const)),
    ...labelled(1, 'subject', event.subject),
    ...labelled(2, 'eventId', document.id),
    ...labelled(3, 'digest', event.digest),
    ...labelled(4, 'kid', document.kid),
    ...labelled(5, 'correlationId', document.correlationid),
    ...labelled(6, 'data', data.length <= CUSTOM_STRING_MAX ? data : undefined),
  ];
};

/**
 * One event as a CEF line: severity 8 for alarms, 5 for refusals and failures, 2 for the rest. `data` is left out where it is longer
 * than 4,000 characters; the digest stands for it.
 */
export const toCef = (event: ExportedEvent): string => {
  const { family, fact } = typeParts(event);
  const header = [
    'CEF:0',
    'Writ',
    'Writ',
    '1',
    event.document.type,
    `${family} ${fact}`,
    SEVERITY[weightOf(event)],
  ];
  const extension = extensions(event).map(([key, value]) => `${key}=${cefValue(value)}`);
  return `${header.map((field) => cefHeader(String(field))).join('|')}|${extension.join(' ')}`;
};

/** CEF, one event a line, as a syslog body. */
export const cef: ExportFormat = lineFormat('cef', 'text/plain; charset=utf-8', 'cef', toCef);
