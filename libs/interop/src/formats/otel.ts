// OpenTelemetry logs as OTLP/JSON (opentelemetry-proto 1.x, logs data model): one export request a line.
import { canonicalize } from '@writ/crypto';
import { agentOf, type ExportedEvent, envelopeOf, millisOf, weightOf } from './event.js';
import { type ExportFormat, lineFormat } from './format.js';

/** Severity numbers of the logs data model: INFO 9, WARN 13, ERROR 17. */
const SEVERITY = {
  alarm: { severityNumber: 17, severityText: 'ERROR' },
  refusal: { severityNumber: 13, severityText: 'WARN' },
  plain: { severityNumber: 9, severityText: 'INFO' },
} as const;

const attribute = (key: string, value: string | number | undefined) => {
  if (value === undefined) return [];
  // proto3 JSON writes 64-bit integers as text
  return [{ key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } }];
};

const attributes = (event: ExportedEvent) => {
  const document = envelopeOf(event);
  return [
    ...attribute('writ.ledger.seq', event.seq),
    ...attribute('writ.ledger.subject', event.subject),
    ...attribute('writ.ledger.digest', event.digest),
    ...attribute('writ.event.id', document.id),
    ...attribute('writ.event.kid', document.kid),
    ...attribute('writ.event.causation_id', document.causationid),
    ...attribute('writ.event.correlation_id', document.correlationid),
    ...attribute('writ.agent', agentOf(event)),
  ];
};

/** The trace of a W3C traceparent (version 00), where it is one. */
const traceOf = (traceparent: string | undefined) => {
  const [, traceId, spanId] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(traceparent ?? '') ?? [];
  return traceId === undefined || spanId === undefined ? {} : { traceId, spanId };
};

const nanos = (millis: number): string => `${millis}000000`;

const record = (event: ExportedEvent) => {
  const document = envelopeOf(event);
  return {
    timeUnixNano: nanos(Date.parse(document.time)),
    observedTimeUnixNano: nanos(millisOf(event)),
    ...SEVERITY[weightOf(event)],
    eventName: document.type,
    body: { stringValue: canonicalize(document.data) },
    attributes: attributes(event),
    ...traceOf(document.traceparent),
  };
};

/** One event as an ExportLogsServiceRequest with one record; the body is the event's data as canonical JSON text. */
export const toOtlp = (event: ExportedEvent): string => {
  const service = envelopeOf(event).source.replace('/writ/', '');
  const resource = {
    attributes: [...attribute('service.namespace', 'writ'), ...attribute('service.name', service)],
  };
  const scopeLogs = [{ scope: { name: 'writ.ledger' }, logRecords: [record(event)] }];
  return JSON.stringify({ resourceLogs: [{ resource, scopeLogs }] });
};

/** OTLP/JSON lines, as the collector's file exporter writes and its receiver reads them. */
export const otel: ExportFormat = lineFormat('otel', 'application/x-ndjson', 'otlp.jsonl', toOtlp);
