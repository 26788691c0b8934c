// The read-model service: the ledger as a reader sees it, into Postgres, and out through the query API. It writes no event.
import { existsSync } from 'node:fs';
import { inboxOf } from '@writ/contracts';
import { type ProjectionFault, type ProjectorNotice, roleUrls } from '@writ/projections';
import {
  connectBus,
  createReaderLedger,
  RuntimeFault,
  readOrganisation,
  type ServiceContext,
  type ServiceStart,
  sealPasswordFiles,
  sealUrl,
} from '@writ/runtime';
import { apiToken, readCredentials, secretFiles } from './credentials.js';
import { runReadModel } from './run.js';

const NAME = 'read-model';

const setting = (value: string | undefined, name: string): string => {
  if (value !== undefined) return value;
  throw new RuntimeFault('WRIT-CFG-001', `${name} is not set`);
};

const openSource = async ({ config, log }: ServiceContext) => {
  const bus = await connectBus({
    url: setting(config.natsUrl, 'WRIT_NATS_URL'),
    seedFile: config.paths.natsSeed(NAME),
    inboxPrefix: inboxOf(NAME),
    name: NAME,
    log,
  });
  return { bus, source: createReaderLedger(bus, { inboxPrefix: inboxOf(NAME) }) };
};

const reporting = ({ log, metrics }: ServiceContext) => {
  const messages = metrics.count('projected_messages', 'Ledger messages taken into the read model.');
  const junk = metrics.count('projected_junk', 'Ledger messages taken that count for nothing.');
  const failures = metrics.count('api_failures', 'Questions that could not be answered.');
  return {
    onNotice: (notice: ProjectorNotice): void => {
      if (notice.event !== 'projector.committed') return void log.info(notice);
      messages(notice.messages);
      junk(notice.junk);
      log.debug(notice);
    },
    onFault: ({ code, reason }: ProjectionFault): void =>
      log.fatal({ event: 'projector.stopped', code, why: reason }),
    onApiFailure: (failure: { readonly path: string; readonly error: string }): void => {
      failures();
      log.error({ event: 'api.failed', ...failure });
    },
  };
};

/** The sealer's state is read with a role of its own, where its password was given to this service. */
const sealsOf = ({ config }: ServiceContext, databaseUrl: string): { readonly sealsUrl?: string } => {
  const file = sealPasswordFiles(config.paths).reader;
  return existsSync(file) ? { sealsUrl: sealUrl(databaseUrl, 'reader', file) } : {};
};

/**
 * Starts the service. The API and the console stand on the service's own HTTP port beside health and metrics; the token is in
 * `keys/read-model-api.token`. It needs a prepared database and no administrator's address (WRIT-PRJ-003). Not ready while the projection stands still (WRIT-PRJ-001, WRIT-PRJ-002).
 */
export const startReadModel: ServiceStart = async (context) => {
  const { config, clock, http } = context;
  const { org, roots, threshold } = readOrganisation(config.paths.orgFile);
  const files = secretFiles(config.paths);
  const { bus, source } = await openSource(context);
  const databaseUrl = setting(config.databaseUrl, 'WRIT_DATABASE_URL');
  const readModel = await runReadModel({
    urls: roleUrls(databaseUrl, readCredentials(files.database)),
    ...sealsOf(context, databaseUrl),
    source,
    roots: roots.map((root) => ({ org, threshold, ...root })),
    access: { kind: 'token', token: apiToken(files.token) },
    now: () => clock.now(),
    ...reporting(context),
  });
  http.check('bus', () => !bus.isClosed());
  http.check('projection', () => readModel.ready());
  http.handle(readModel.api);
  return {
    stop: async () => {
      await readModel.stop();
      await bus.drain();
    },
  };
};
