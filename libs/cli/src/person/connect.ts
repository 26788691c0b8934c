// Owns a person's connection to the plane: votes, commands and halts under the person's own name and inbox. It decides nothing.
import {
  type Code,
  type CommandData,
  type HaltTool,
  inboxOf,
  type Refused,
  refused,
  type Scope,
  type ServiceName,
  subjects,
} from '@writ/contracts';
import { findKey, type RegistryState } from '@writ/domain';
import { connectBus } from '@writ/runtime';
import { isUnreachable } from '../fault.js';
import { natsUrlOf } from '../home.js';
import { readRegistry, registryVersion } from '../reading/ledger-view.js';
import { type PlaneAnswer, readAnswer, signersOf } from './answer.js';
import { type Ballot, type Signed, type Signer, signCommand, signVote } from './ballot.js';
import { readPerson } from './credentials.js';

/** The body of a halt. A tool narrows it; without one everything beneath the scope stops. */
export type HaltBody = { readonly reason?: string | undefined; readonly tool?: HaltTool | undefined };

/** `version`: the registry version that the author had before them; read now when absent. */
export type CommandOptions = { readonly version?: number; readonly disclosures?: readonly string[] };

/** A person on the bus. Every answer is read against the pinned root where the registry can be read from here. */
export interface PersonConnection {
  readonly person: string;
  readonly org: string;
  vote(ballot: Ballot): Promise<PlaneAnswer>;
  command(
    service: ServiceName,
    action: CommandData['action'],
    options?: CommandOptions,
  ): Promise<PlaneAnswer>;
  /** Published at once; resolves with what the kill-switch recorded, or `no-answer` although the bus has taken it. */
  halt(scope: Scope, body?: HaltBody): Promise<PlaneAnswer>;
  close(): Promise<void>;
}

const CONNECT_MS = 3_000;
const ANSWER_MS = 5_000;
const FLUSH_MS = 2_000;

type Bus = Awaited<ReturnType<typeof connectBus>>;

/**
 * Connects as a person of an installation. The bus is `natsUrl`, else WRIT_NATS_URL, else that of the running plane. Throws
 * WRIT-KEY-101/104 (folder), WRIT-CLI-005 (no address), WRIT-NATS-005 (unreachable, or not on the bus any more).
 */
export async function connectPerson(
  home: string,
  person: string,
  natsUrl?: string,
): Promise<PersonConnection> {
  const credentials = readPerson(home, person);
  const { org, key, roots, threshold, seedFile } = credentials;
  const signer: Signer = { person, org, key };
  const bus = await connectBus({
    url: natsUrl ?? natsUrlOf(home),
    seedFile,
    inboxPrefix: inboxOf(person),
    name: person,
    waitMs: CONNECT_MS,
  });
  const read = answerReader(() => readRegistry(home, { org, roots, threshold }));
  return {
    person,
    org,
    vote: async (ballot) => askTwice(bus, await signVote(signer, ballot, Date.now()), read),
    command: async (service, action, { version, disclosures = [] } = {}) => {
      const against =
        version ?? (await versionFor(service, () => registryVersion(home, { org, roots, threshold })));
      return askTwice(
        bus,
        await signCommand(signer, service, { action, version: against, disclosures }, Date.now()),
        read,
      );
    },
    halt: (scope, body = {}) => halt(bus, subjects.halt(person, scope), haltText(body), read),
    close: () => bus.close(),
  };
}

/** A no-answer as the refusal that a command ends with. */
export function noAnswer(service: string, why: 'timeout' | 'nobody-there'): Refused {
  return why === 'nobody-there'
    ? refused('WRIT-CLI-005', `${service} is not there`)
    : refused('WRIT-LED-002', `${service} did not answer; look whether it is recorded before you sign again`);
}

// The registry judges the version. The others do not, and a release must not wait for a read side that is down.
async function versionFor(service: ServiceName, read: () => Promise<number>): Promise<number> {
  try {
    return await read();
  } catch (error) {
    if (service !== 'registry' && isUnreachable(error)) return 0;
    throw error;
  }
}

type Read = (bytes: Uint8Array) => Promise<PlaneAnswer>;

// The registry is read once, and again for a key that it did not know: a service may have been certified since.
function answerReader(registryNow: () => Promise<RegistryState>): Read {
  let known: RegistryState | undefined;
  const knows = (registry: RegistryState | undefined, kids: readonly string[]) =>
    registry !== undefined && kids.every((kid) => findKey(registry, kid) !== undefined);
  return async (bytes) => {
    if (!knows(known, signersOf(bytes))) known = (await registryNow().catch(() => undefined)) ?? known;
    return readAnswer(bytes, known);
  };
}

// The same bytes are the same vote or command: a second try after a lost answer changes nothing.
async function askTwice(bus: Bus, signed: Signed, read: Read): Promise<PlaneAnswer> {
  const first = await ask(bus, signed.subject, signed.bytes, read);
  return first.kind === 'no-answer' && first.why === 'timeout'
    ? ask(bus, signed.subject, signed.bytes, read)
    : first;
}

async function ask(bus: Bus, subject: string, bytes: Uint8Array | string, read: Read): Promise<PlaneAnswer> {
  let data: Uint8Array;
  try {
    data = (await bus.request(subject, bytes, { timeout: ANSWER_MS })).data;
  } catch (error) {
    if (isRefusedByBus(error))
      return refused(notLetThrough(subject), `the bus does not let ${subject} through`);
    return { kind: 'no-answer', why: isNobodyThere(error) ? 'nobody-there' : 'timeout' };
  }
  return read(data);
}

/**
 * A request is a publish with a reply subject. Where nobody answered, what was published is pushed out to the server; where the
 * connection was lost meanwhile, it is published again: a halt twice is a halt, a halt lost is none.
 */
async function halt(bus: Bus, subject: string, body: string, read: Read): Promise<PlaneAnswer> {
  const answer = await ask(bus, subject, body, read);
  if (answer.kind !== 'no-answer') return answer;
  if (answer.why === 'nobody-there') bus.publish(subject, body);
  if (!(await flushed(bus))) {
    bus.publish(subject, body);
    if (!(await flushed(bus)))
      return refused('WRIT-CLI-005', 'the bus was lost: the halt may not have been sent');
  }
  return answer;
}

function flushed(bus: Bus): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), FLUSH_MS).unref());
  return Promise.race([
    bus.flush().then(
      () => true,
      () => false,
    ),
    late,
  ]);
}

function haltText({ reason, tool }: HaltBody): string {
  return JSON.stringify({
    ...(reason === undefined ? {} : { reason }),
    ...(tool === undefined ? {} : { tool }),
  });
}

const notLetThrough = (subject: string): Code =>
  subject.startsWith('gov.halt.') ? 'WRIT-HLT-006' : 'WRIT-REG-001';

function causes(error: unknown): readonly Error[] {
  return error instanceof Error ? [error, ...causes(error.cause)] : [];
}

const isNobodyThere = (error: unknown): boolean => causes(error).some((e) => e.name === 'NoResponders');

const isRefusedByBus = (error: unknown): boolean =>
  causes(error).some((e) => e.name === 'PermissionViolationError');
