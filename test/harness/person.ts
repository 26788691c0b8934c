// A person at the bus: signs commands and votes with the own key, halts by a plain publish.
import type { NatsConnection } from '@nats-io/transport-node';
import { environmentOf, type LiveDocumentOf, type ServiceName, subjects } from '@writ/contracts';
import type { KeyPair } from '@writ/crypto';
import { signLive } from '@writ/runtime';
import { type Answer, readAnswer, type Signed } from './answer.js';

type Action = LiveDocumentOf<'command'>['data']['action'];
type VoteData = LiveDocumentOf<'vote'>['data'];

export type CommandOptions = { readonly version?: number; readonly expiresMs?: number; readonly id?: string };

export interface Person {
  readonly name: string;
  readonly key: KeyPair;
  readonly bus: NatsConnection;
  /** Signs a command against the registry version of now unless another is given. */
  signCommand(service: ServiceName, action: Action, options?: CommandOptions): Promise<Uint8Array>;
  command(service: ServiceName, action: Action, options?: CommandOptions): Promise<Answer>;
  send(subject: string, bytes: Uint8Array, timeoutMs?: number): Promise<Answer>;
  /** Votes on the gate as its `gate-opened` event shows it; `change` bends the vote. */
  vote(opened: Signed, choice: VoteData['choice'], change?: Partial<VoteData>): Promise<Answer>;
  /** Publishes a halt: nothing signed, no reply. */
  halt(scope: string, body?: string): Promise<void>;
  /** Sends a halt as a request: the answer comes after it is recorded. */
  haltRequest(scope: string, body?: string): Promise<readonly Signed[]>;
  release(scope: string, halts: readonly string[], options?: CommandOptions): Promise<Answer>;
  close(): Promise<void>;
}

const NONCE = 'AAAAAAAAAAAAAAAAAAAAAA';

export const person = (
  name: string,
  org: string,
  key: KeyPair,
  bus: NatsConnection,
  registryVersion: () => Promise<number>,
): Person => {
  const send = async (subject: string, bytes: Uint8Array, timeout = 5000): Promise<Answer> =>
    readAnswer((await bus.request(subject, bytes, { timeout })).data);
  const signCommand: Person['signCommand'] = async (service, action, options = {}) => {
    const version = options.version ?? (await registryVersion());
    const expires = new Date(Date.now() + (options.expiresMs ?? 60_000)).toISOString();
    const at = options.id === undefined ? {} : { id: options.id };
    return signLive('command', subjects.command(service, org, name), { action, expires, version }, key, at)
      .bytes;
  };
  const command: Person['command'] = async (service, action, options) =>
    send(subjects.command(service, org, name), await signCommand(service, action, options));
  return {
    name,
    key,
    bus,
    signCommand,
    command,
    send,
    vote: (opened, choice, change = {}) => {
      const shown = (field: string): string => String(opened.data[field]);
      const data: VoteData = {
        environment: environmentOf(shown('agent')),
        intentId: shown('intentId'),
        intentDigest: shown('intentDigest'),
        boundaryDigest: shown('boundaryDigest'),
        obligedDigest: shown('obligedDigest'),
        choice,
        nonce: NONCE,
        reason: { _sd: [] },
        expires: new Date(Date.now() + 60_000).toISOString(),
        ...change,
      };
      return send(subjects.vote(org, name), signLive('vote', subjects.vote(org, name), data, key).bytes);
    },
    halt: async (scope, body = '{"reason":"test"}') => {
      bus.publish(subjects.halt(name, scope), body);
      await bus.flush();
    },
    haltRequest: async (scope, body = '{"reason":"test"}') =>
      readAnswer((await bus.request(subjects.halt(name, scope), body, { timeout: 5000 })).data).documents,
    release: (scope, halts, options) =>
      command('kill-switch', { do: 'release', scope, halts: [...halts], reason: { _sd: [] } }, options),
    close: () => bus.close(),
  };
};
