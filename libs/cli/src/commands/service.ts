// `writ service NAME`: one service as this whole process. The supervisor of `writ up`, Compose and Kubernetes all start this.
import { type ServiceName, Services } from '@writ/contracts';
import { runService, type ServiceStart } from '@writ/runtime';
import type { Command } from 'commander';

const starts: { readonly [S in ServiceName]: () => Promise<ServiceStart> } = {
  registry: async () => (await import('@writ/service-registry')).startRegistry,
  decision: async () => (await import('@writ/service-decision')).startDecision,
  approval: async () => (await import('@writ/service-approval')).startApproval,
  'receipt-ledger': async () => (await import('@writ/service-receipt-ledger')).startReceiptLedger,
  'anomaly-detector': async () => (await import('@writ/service-anomaly-detector')).startAnomalyDetector,
  'kill-switch': async () => (await import('@writ/service-kill-switch')).startKillSwitch,
  sealer: async () => (await import('@writ/service-sealer')).startSealer,
  'read-model': async () => (await import('@writ/service-read-model')).startReadModel,
};

/** Registers `writ service`. Settings come from the environment: WRIT_HOME, WRIT_NATS_URL, WRIT_DATABASE_URL, WRIT_HTTP_PORT. */
export const registerService = (program: Command): void => {
  program
    .command('service')
    .description('run one service of the plane as this process')
    .argument('<name>', `one of: ${Services.join(', ')}`)
    .addHelpText('after', '\nExample:\n  WRIT_NATS_URL=nats://127.0.0.1:4222 writ service decision')
    .action(async (name: string) => {
      const start = starts[name as ServiceName];
      if (start === undefined)
        program.error(`there is no service '${name}'; one of: ${Services.join(', ')}`, { exitCode: 2 });
      await runService(name, await start());
    });
};
