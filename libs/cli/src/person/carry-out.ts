// Owns one request of a person from connection to recorded events; and the same where the plane may be down. It prints nothing.
import type { CommandData, RegistryAction, ServiceName } from '@writ/contracts';
import { CliFault, isUnreachable } from '../fault.js';
import type { PlaneAnswer, RecordedEvent } from './answer.js';
import { type CommandOptions, connectPerson, noAnswer, type PersonConnection } from './connect.js';

/** What the registry was told, or why it could not be told now. */
export type Told =
  | { readonly kind: 'recorded'; readonly events: readonly RecordedEvent[] }
  | { readonly kind: 'not-told'; readonly why: string };

/** Connects, works, closes. */
export async function withPerson<T>(
  home: string,
  person: string,
  work: (as: PersonConnection) => Promise<T>,
): Promise<T> {
  const connection = await connectPerson(home, person);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

/** The recorded events of an answer; everything else ends the command. */
export function recordedEvents(answer: PlaneAnswer, service: ServiceName): readonly RecordedEvent[] {
  if (answer.kind === 'recorded') return answer.events;
  throw new CliFault(answer.kind === 'refused' ? answer : noAnswer(service, answer.why));
}

/** Has a service carry out a command. */
export function carryOut(
  home: string,
  person: string,
  service: ServiceName,
  action: CommandData['action'],
  options?: CommandOptions,
): Promise<readonly RecordedEvent[]> {
  return withPerson(home, person, async (as) =>
    recordedEvents(await as.command(service, action, options), service),
  );
}

/** Tells the registry; a plane that is not there is no failure, a refusal is one. */
export async function tellRegistry(home: string, person: string, action: RegistryAction): Promise<Told> {
  try {
    return { kind: 'recorded', events: await carryOut(home, person, 'registry', action) };
  } catch (error) {
    if (isUnreachable(error)) return { kind: 'not-told', why: (error as Error).message };
    throw error;
  }
}
