// Owns a service's metrics. Labels come from closed sets (codes, families): never an id or text from outside.
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** The metrics every service has, and the registry for its own. */
export interface Metrics {
  readonly registry: Registry;
  /** A request refused, by its code. */
  refused(code: string): void;
  /** A ledger message that counts for nothing, by family. */
  junk(family: string): void;
  /** Messages shed before parsing, by intake. */
  shed(intake: string, count?: number): void;
  /** Milliseconds that an operation took. */
  took(operation: string, ms: number): void;
  /** Registers (or finds) a counter of the service's own; the `writ_` prefix and `_total` ending are added. */
  count(name: string, help: string): (by?: number) => void;
}

const BUCKETS_MS = [0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000];

/** A registry with the common metrics of `service`; `processMetrics` adds memory, CPU and event-loop lag of the process. */
export function createMetrics(service: string, { processMetrics = false } = {}): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  if (processMetrics) collectDefaultMetrics({ register: registry });
  const counter = (name: string, help: string, label: string) =>
    new Counter({ name, help, labelNames: [label], registers: [registry] });
  const refused = counter('writ_refused_total', 'Requests refused, by code.', 'code');
  const junk = counter('writ_junk_total', 'Ledger messages that count for nothing, by family.', 'family');
  const shed = counter('writ_shed_total', 'Messages shed before parsing, by intake.', 'intake');
  const took = new Histogram({
    name: 'writ_took_milliseconds',
    help: 'How long operations took.',
    labelNames: ['operation'],
    buckets: BUCKETS_MS,
    registers: [registry],
  });
  return {
    registry,
    refused: (code) => refused.inc({ code }),
    junk: (family) => junk.inc({ family }),
    shed: (intake, count = 1) => shed.inc({ intake }, count),
    took: (operation, ms) => took.observe({ operation }, ms),
    count: (name, help) => ownCounter(registry, `writ_${name}_total`, help),
  };
}

function ownCounter(registry: Registry, name: string, help: string): (by?: number) => void {
  const found = registry.getSingleMetric(name) as Counter | undefined;
  const counter = found ?? new Counter({ name, help, registers: [registry] });
  return (by = 1) => counter.inc(by);
}
