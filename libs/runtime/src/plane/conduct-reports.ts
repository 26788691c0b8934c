// What a service tells the anomaly-detector: signed, on its own subject, not answered. It records nothing and waits for nothing.
import type { NatsConnection } from '@nats-io/transport-node';
import {
  type ConductReportData,
  IntakesOf,
  parseSubject,
  type ReportingService,
  ReportingServices,
  type ServiceName,
  subjects,
  type Token,
} from '@writ/contracts';
import type { SigningKey } from '@writ/crypto';
import type { Log } from '../log.js';
import type { ShedSummary } from '../token-bucket.js';
import { signLiveWith, timestamp } from './live.js';

/** What of the plane a report needs. */
type Reporter = {
  readonly org: Token;
  readonly service: ServiceName;
  readonly key: SigningKey;
  readonly bus: Pick<NatsConnection, 'publish'>;
  readonly log: Log;
  readonly timestamp: () => string;
};

/** At most so many summaries of an interval are reported, the largest; all of them are in the log. */
const MOST = 64;

const isReporting = (service: string): service is ReportingService =>
  (ReportingServices as readonly string[]).includes(service);

/**
 * Publishes a report as this service. Nothing where the service is none that reports. A bus that takes nothing is logged: what was
 * to be reported is in the log already.
 */
export const publishReport = (plane: Reporter, data: ConductReportData): void => {
  if (!isReporting(plane.service)) return;
  const subject = subjects.report(plane.org, plane.service);
  signLiveWith('conduct-report', subject, data, plane.key, { time: plane.timestamp() })
    .then(({ bytes }) => plane.bus.publish(subject, bytes))
    .catch((error: unknown) =>
      plane.log.error({ event: 'report.failed', about: data.about, error: (error as Error).name }),
    );
};

/** The flood of one summary; `undefined` when its sender is a person, or more senders than are counted one by one. */
const floodOf = (service: ReportingService, { key, count, from, to }: ShedSummary) => {
  const sender = parseSubject(key);
  if (sender === undefined || !('asker' in sender) || !IntakesOf[service].includes(sender.kind))
    return undefined;
  const { kind, asker } = sender;
  return { about: 'flood', kind, asker, shed: count, from: timestamp(from), to: timestamp(to) } as const;
};

/** Reports what was shed of agents and enforcement points: one summary each, however much it was. */
export const reportFloods = (plane: Reporter, summaries: readonly ShedSummary[]): void => {
  const { service } = plane;
  if (!isReporting(service)) return;
  const floods = summaries.flatMap((summary) => floodOf(service, summary) ?? []);
  const largest = floods.toSorted((a, b) => b.shed - a.shed).slice(0, MOST);
  for (const flood of largest) publishReport(plane, flood);
};
