// Every NATS subject of ARCHITECTURE §4: built and parsed here and nowhere else.
import type { AgentScope, EnvironmentScope, Scope, Token } from './ids.js';

/** The seven families of ledger events; each has one subject per environment (registry: per organisation). */
export const Families = [
  'registry',
  'decision',
  'authority',
  'outcome',
  'approval',
  'conduct',
  'stop',
] as const;
export type Family = (typeof Families)[number];

/** The services of the plane, processes of their own. The sealer and the read model take no commands. */
export const Services = [
  'registry',
  'decision',
  'approval',
  'receipt-ledger',
  'anomaly-detector',
  'kill-switch',
  'sealer',
  'read-model',
] as const;
export type ServiceName = (typeof Services)[number];

/** The names of the four JetStream streams. */
export const Streams = {
  ledger: 'GOV_LEDGER',
  halts: 'GOV_HALTS',
  intents: 'GOV_INTENTS',
  checkpoints: 'GOV_CHECKPOINTS',
} as const;

/** Builders of the live and ledger subjects. */
export const subjects = {
  intent: (agent: AgentScope) => `gov.intent.${agent}`,
  receipt: (asker: AgentScope) => `gov.receipt.${asker}`,
  outcome: (asker: AgentScope) => `gov.outcome.${asker}`,
  state: (asker: AgentScope) => `gov.state.${asker}`,
  preserve: (asker: AgentScope) => `gov.preserve.${asker}`,
  ack: (asker: AgentScope) => `gov.ack.${asker}`,
  vote: (org: Token, person: Token) => `gov.vote.${org}.${person}`,
  command: (service: ServiceName, org: Token, person: Token) => `gov.command.${service}.${org}.${person}`,
  report: (org: Token, service: ServiceName | '*') => `gov.report.${org}.${service}`,
  notice: (env: EnvironmentScope) => `gov.notice.${env}`,
  lease: (env: EnvironmentScope) => `gov.lease.${env}`,
  halt: (person: Token, scope: Scope) => `gov.halt.${person}.${scope}`,
  ledger: (family: Family, scope: Scope) => `gov.ledger.${family}.${scope}`,
  checkpoint: (org: Token) => `gov.checkpoint.${org}`,
} as const;

/** The four subjects on which an agent hears its halts: `x.>` does not match `x`. */
export const haltSubjectsOf = (agent: AgentScope): readonly string[] => {
  const tokens = agent.split('.');
  return [1, 2, 3, 4].map((n) => `gov.halt.*.${tokens.slice(0, n).join('.')}`);
};

/** Live subjects whose last four tokens are the asker. */
export type AskerKind = 'intent' | 'receipt' | 'outcome' | 'state' | 'preserve' | 'ack';

export type ParsedSubject =
  | { readonly kind: AskerKind; readonly asker: AgentScope }
  | { readonly kind: 'vote'; readonly org: Token; readonly person: Token }
  | { readonly kind: 'command'; readonly service: ServiceName; readonly org: Token; readonly person: Token }
  | { readonly kind: 'checkpoint'; readonly org: Token }
  | { readonly kind: 'report'; readonly org: Token; readonly service: ServiceName }
  | { readonly kind: 'notice' | 'lease'; readonly env: EnvironmentScope }
  | { readonly kind: 'halt'; readonly person: Token; readonly scope: Scope }
  | { readonly kind: 'ledger'; readonly family: Family; readonly scope: Scope };

const TOKEN = /^[a-z0-9][a-z0-9-]{0,62}$/;
const ASKERS: readonly string[] = ['intent', 'receipt', 'outcome', 'state', 'preserve', 'ack'];

const parseLedger = (family: string, rest: readonly string[]): ParsedSubject | undefined => {
  if (!(Families as readonly string[]).includes(family)) return undefined;
  if (rest.length !== (family === 'registry' ? 1 : 3)) return undefined;
  return { kind: 'ledger', family: family as Family, scope: rest.join('.') };
};

const parseCommand = (rest: readonly string[]): ParsedSubject | undefined => {
  const [service, org, person] = rest;
  if (rest.length !== 3 || !(Services as readonly string[]).includes(service!)) return undefined;
  return { kind: 'command', service: service as ServiceName, org: org!, person: person! };
};

const parseReport = ([org, service, ...more]: readonly string[]): ParsedSubject | undefined => {
  if (more.length > 0 || !(Services as readonly string[]).includes(service!)) return undefined;
  return { kind: 'report', org: org!, service: service as ServiceName };
};

/** Parses a subject; `undefined` for one that Writ does not define. */
export const parseSubject = (subject: string): ParsedSubject | undefined => {
  const [gov, kind, ...rest] = subject.split('.');
  if (gov !== 'gov' || kind === undefined || !rest.every((t) => TOKEN.test(t))) return undefined;
  if (kind === 'ledger') return parseLedger(rest[0] ?? '', rest.slice(1));
  if (kind === 'command') return parseCommand(rest);
  if (kind === 'report') return parseReport(rest);
  if (kind === 'checkpoint') return rest.length === 1 ? { kind, org: rest[0]! } : undefined;
  if (kind === 'vote') return rest.length === 2 ? { kind, org: rest[0]!, person: rest[1]! } : undefined;
  if (kind === 'notice' || kind === 'lease')
    return rest.length === 3 ? { kind, env: rest.join('.') } : undefined;
  if (kind === 'halt') {
    return rest.length >= 2 && rest.length <= 5
      ? { kind, person: rest[0]!, scope: rest.slice(1).join('.') }
      : undefined;
  }
  if (ASKERS.includes(kind) && rest.length === 4) return { kind: kind as AskerKind, asker: rest.join('.') };
  return undefined;
};

/** The private inbox prefix of an asker (`_INBOX.<org>.<project>.<env>.<agent>`), a service or a person. */
export const inboxOf = (owner: string): string => `_INBOX.${owner}`;

/** Whether `reply` lies under the private inbox of `owner`: services answer nothing else. */
export const isInboxOf = (owner: string, reply: string | undefined): reply is string =>
  reply?.startsWith(`_INBOX.${owner}.`) ?? false;
