// The AsyncAPI 3 document of the bus: every subject of ARCHITECTURE §4, who publishes, and with which documents. Pure.
import { ledgerEvents } from '../catalogue.js';
import { SourceOf } from '../document.js';
import { type LiveKind, LiveKinds } from '../frame.js';
import { Families, type Family } from '../subjects.js';

type Channel = {
  readonly address: string;
  readonly messages: Record<string, { readonly $ref: string }>;
  readonly description: string;
};

const message = (name: string) => ({ [name]: { $ref: `#/components/messages/${name}` } });

const live = (address: string, kinds: readonly LiveKind[], description: string): Channel => ({
  address,
  description,
  messages: Object.assign({}, ...kinds.map((kind) => message(`writ.${kind}.v1`))),
});

const asker = '{org}.{project}.{env}.{asker}';

const liveChannels: Record<string, Channel> = {
  intent: live(`gov.intent.${asker}`, ['intent'], 'An agent asks; decision answers with its signed event.'),
  receipt: live(
    `gov.receipt.${asker}`,
    ['receipt-request'],
    'An enforcement point asks for the receipt; receipt-ledger answers with receipt and decision frames.',
  ),
  outcome: live(
    `gov.outcome.${asker}`,
    ['outcome-report'],
    'What happened; receipt-ledger answers with its signed event.',
  ),
  state: live(
    `gov.state.${asker}`,
    ['state-request'],
    'Halts in force, with the nonce of the asker; kill-switch answers.',
  ),
  preserve: live(
    `gov.preserve.${asker}`,
    ['preserve-request'],
    'State handed over on a halt, and asked back; kill-switch answers.',
  ),
  ack: live(`gov.ack.${asker}`, ['ack'], 'The agent has stopped.'),
  vote: live('gov.vote.{org}.{person}', ['vote'], 'A vote at an approval gate; approval answers.'),
  command: live(
    'gov.command.{service}.{org}.{person}',
    ['command'],
    'A signed command of a person; the named service answers.',
  ),
  report: live(
    'gov.report.{org}.{service}',
    ['conduct-report'],
    'What a service shed, or an intent id that was used twice; anomaly-detector records it and answers nothing.',
  ),
  notice: live(
    'gov.notice.{org}.{project}.{env}',
    ['notice'],
    'Halts and releases, from kill-switch; agents listen.',
  ),
  lease: live('gov.lease.{org}.{project}.{env}', ['lease'], 'Every 500 ms, from kill-switch; agents listen.'),
  halt: {
    address: 'gov.halt.{person}.{scope}',
    description:
      'A plain, unsigned halt by any NATS client; the scope has one to four tokens. Every agent beneath stops on sight.',
    messages: message('halt'),
  },
};

const ledgerChannel = (family: Family): Channel => ({
  address: family === 'registry' ? 'gov.ledger.registry.{org}' : `gov.ledger.${family}.{org}.{project}.{env}`,
  description: `Written by ${SourceOf[family].join(' and ')}.`,
  messages: Object.assign(
    {},
    ...Object.keys(ledgerEvents)
      .filter((type) => type.startsWith(`writ.${family}.`))
      .map(message),
  ),
});

const parametersOf = (address: string) =>
  Object.fromEntries(
    [...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, { description: `The ${name} token.` }]),
  );

const payloads = () => ({
  ...Object.fromEntries(
    Object.keys(ledgerEvents).map((type) => [
      type,
      { name: type, payload: { $ref: `./events/${type}.schema.json` } },
    ]),
  ),
  ...Object.fromEntries(
    LiveKinds.map((kind) => [
      `writ.${kind}.v1`,
      { name: `writ.${kind}.v1`, payload: { $ref: `./live/writ.${kind}.v1.schema.json` } },
    ]),
  ),
  halt: {
    name: 'halt',
    payload: { type: 'object', properties: { reason: { type: 'string' }, tool: { type: 'object' } } },
  },
});

/** The AsyncAPI 3.0 document. Payload schemas are those of the signed document inside the frame. */
export const asyncApi = (): Record<string, unknown> => {
  const channels = {
    ...liveChannels,
    ...Object.fromEntries(Families.map((f) => [`ledger-${f}`, ledgerChannel(f)])),
  };
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Writ bus',
      version: '1.0.0',
      description:
        'Every payload but a halt is a signed frame {"kid","sig","signed"}; the schemas describe "signed".',
    },
    channels: Object.fromEntries(
      Object.entries(channels).map(([name, c]) => [name, { ...c, parameters: parametersOf(c.address) }]),
    ),
    operations: Object.fromEntries(
      Object.keys(channels).map((name) => [
        name.startsWith('ledger-') || name === 'lease' || name === 'notice'
          ? `publish-${name}`
          : `handle-${name}`,
        {
          action: name.startsWith('ledger-') || name === 'lease' || name === 'notice' ? 'send' : 'receive',
          channel: { $ref: `#/channels/${name}` },
        },
      ]),
    ),
    components: { messages: payloads() },
  };
};
