// The people of the sample, each acting with keys of their own: votes, commands, and the plain publish that halts.
import { type ApprovalEvent, AnyLedgerEvent, inboxOf, Refusal, type RegistryAction, type KillSwitchAction, type ServiceName, subjects, type VoteData } from '@writ/contracts';
import { readKeyFile, splitFrames } from '@writ/crypto';
import { connectBus, installPaths, RuntimeFault, signLive } from '@writ/runtime';

const ANSWER_MS = 5_000;
const EXPIRES_MS = 60_000;

type Frames = readonly AnyLedgerEvent[];

/** One person on the bus. Commands and votes answer with the recorded events; a refusal throws with its code. */
export interface Person {
  readonly name: string;
  command(service: ServiceName, action: RegistryAction | KillSwitchAction, version: number): Promise<Frames>;
  vote(data: Omit<VoteData, 'nonce' | 'expires' | 'reason'>): Promise<readonly ApprovalEvent['type'][]>;
  /** Exactly what `nats pub` does: an unsigned publish. */
  publishHalt(scope: string, body: string): void;
  close(): Promise<void>;
}

const readAnswer = (bytes: Uint8Array): Frames =>
  splitFrames(bytes).map((line) => {
    const { signed } = JSON.parse(new TextDecoder().decode(line)) as { signed: unknown };
    const refusal = Refusal.safeParse(signed);
    if (refusal.success) throw new RuntimeFault(refusal.data.data.code as never, refusal.data.data.reason);
    return AnyLedgerEvent.parse(signed);
  });

/** Connects a person with the keys of their folder. */
export const connectPerson = async (home: string, org: string, name: string, url: string): Promise<Person> => {
  const paths = installPaths(home);
  const key = readKeyFile(paths.personKey(name));
  const bus = await connectBus({ url, seedFile: paths.personSeed(name), inboxPrefix: inboxOf(name), name });
  const expires = () => new Date(Date.now() + EXPIRES_MS).toISOString();
  const ask = async (subject: string, bytes: Uint8Array) => readAnswer((await bus.request(subject, bytes, { timeout: ANSWER_MS })).data);
  return {
    name,
    command: (service, action, version) => {
      const subject = subjects.command(service, org, name);
      return ask(subject, signLive('command', subject, { action, expires: expires(), version }, key).bytes);
    },
    vote: async (data) => {
      const subject = subjects.vote(org, name);
      const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64url');
      const events = await ask(subject, signLive('vote', subject, { ...data, nonce, expires: expires(), reason: { _sd: [] } }, key).bytes);
      return events.map((event) => event.type as ApprovalEvent['type']);
    },
    publishHalt: (scope, body) => bus.publish(subjects.halt(name, scope), body),
    close: () => bus.close(),
  };
};

