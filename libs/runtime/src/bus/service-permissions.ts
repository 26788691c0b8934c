// Owns what each service may publish and hear: its own families, its own intakes, the JetStream reads that it needs. Pure.
import {
  type Family,
  inboxOf,
  ReportingServices,
  type ServiceName,
  Services,
  Streams,
  subjects,
  type Token,
} from '@writ/contracts';
import type { Permissions } from './bus-user.js';
import { HaltingServices } from './roster.js';

const STREAMS = Object.values(Streams);

/** The services in the account of the plane; the read model is a reader. */
export type PlaneService = Exclude<ServiceName, 'read-model'>;
export const PlaneServices = Services.filter((name): name is PlaneService => name !== 'read-model');

/**
 * Lists of one service. Replies go to inboxes, but never to another service's: a forged acknowledgement there would pass for
 * the server's. Wildcards match whole tokens, so consumers of one service cannot be told from another's by name: their names
 * are random, and no right lists them.
 */
export function servicePermissions(service: PlaneService, org: Token): Permissions {
  const { publish, subscribe, streams } = rules(service, org);
  const reports = (ReportingServices as readonly string[]).includes(service)
    ? [subjects.report(org, service)]
    : [];
  // The sealer hears nobody and answers nobody.
  const asked = service !== 'sealer';
  const answers = asked ? ['_INBOX.>'] : [];
  const commands = asked ? [subjects.command(service, org, '*')] : [];
  const others = [...PlaneServices.filter((name) => name !== service), 'bootstrap'];
  return {
    publish: [...publish, ...reports, ...answers, ...ledgerReads(), ...streams.flatMap(follows)],
    publishDeny: others.map((name) => `${inboxOf(name)}.>`),
    subscribe: [`${inboxOf(service)}.>`, ...subscribe, ...commands],
  };
}

/** The bootstrap identity: it makes the streams and nothing else, and is kept offline wherever people run this for real. */
export function bootstrapPermissions(): Permissions {
  const api = (verb: string) => STREAMS.map((stream) => `$JS.API.STREAM.${verb}.${stream}`);
  return {
    publish: [...api('CREATE'), ...api('UPDATE'), ...api('INFO')],
    subscribe: [`${inboxOf('bootstrap')}.>`],
  };
}

type Rules = {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  readonly streams: readonly string[];
};

function rules(service: PlaneService, org: Token): Rules {
  const family = (name: Family) => subjects.ledger(name, name === 'registry' ? org : `${org}.*.*`);
  const asked = (kind: 'receipt' | 'outcome' | 'state' | 'preserve' | 'ack' | 'intent') =>
    subjects[kind](`${org}.*.*.*`);
  const halts = haltsOf('*', org);
  switch (service) {
    case 'registry':
      return { publish: [family('registry')], subscribe: [], streams: [] };
    case 'decision': {
      const publish = [family('decision'), ...haltsOf(HaltingServices.decision, org)];
      return { publish, subscribe: [asked('intent')], streams: [Streams.intents] };
    }
    case 'approval':
      return { publish: [family('approval')], subscribe: [subjects.vote(org, '*')], streams: [] };
    case 'receipt-ledger': {
      const subscribe = [asked('receipt'), asked('outcome'), ...halts, subjects.lease(`${org}.*.*`)];
      return { publish: [family('authority'), family('outcome')], subscribe, streams: [] };
    }
    case 'anomaly-detector': {
      const publish = [family('conduct'), ...haltsOf(HaltingServices['anomaly-detector'], org)];
      return { publish, subscribe: [subjects.report(org, '*')], streams: [] };
    }
    case 'kill-switch': {
      const env = `${org}.*.*`;
      const publish = [family('authority'), family('stop'), subjects.lease(env), subjects.notice(env)];
      const subscribe = [...halts, asked('state'), asked('preserve'), asked('ack')];
      return { publish, subscribe, streams: [Streams.halts] };
    }
    case 'sealer': {
      const publish = [subjects.checkpoint(org), `$JS.API.STREAM.MSG.GET.${Streams.checkpoints}`];
      return { publish, subscribe: [], streams: [Streams.checkpoints] };
    }
  }
}

/** Publishing (or, with `*`, hearing) halts of a scope and of everything beneath: `x.>` does not match `x`. */
export function haltsOf(person: Token | '*', scope: string): readonly string[] {
  const here = subjects.halt(person, scope);
  return scope.split('.').length === 4 ? [here] : [here, `${here}.>`];
}

function ledgerReads(): readonly string[] {
  const reads = ['STREAM.MSG.GET', 'DIRECT.GET'].map((verb) => `$JS.API.${verb}.${Streams.ledger}`);
  return [...reads, ...follows(Streams.ledger)];
}

// What reading a stream live needs: its configuration and end, and consumers of one's own.
function follows(stream: string): readonly string[] {
  const api = (verb: string, rest: string) => `$JS.API.CONSUMER.${verb}.${stream}.${rest}`;
  const consumers = [api('CREATE', '>'), api('INFO', '*'), api('DELETE', '*'), api('MSG.NEXT', '*')];
  return [`$JS.API.STREAM.INFO.${stream}`, ...consumers];
}
