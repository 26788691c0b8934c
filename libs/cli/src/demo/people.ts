// The people of the sample, each acting with keys of their own: signed votes and commands, and the plain publish that halts.
import { inboxOf, type Scope, subjects } from '@writ/contracts';
import { connectBus, installPaths } from '@writ/runtime';
import { CliFault } from '../fault.js';
import type { PlaneAnswer, RecordedEvent } from '../person/answer.js';
import { connectPerson, noAnswer, type PersonConnection } from '../person/connect.js';
import { Sample } from './names.js';

/** Administrator and approver of the sample. */
export type People = { readonly admin: PersonConnection; readonly approver: PersonConnection };

/** Connects both. */
export const connectPeople = async (home: string, natsUrl: string): Promise<People> => {
  const [admin, approver] = await Promise.all([
    connectPerson(home, Sample.admin, natsUrl),
    connectPerson(home, Sample.approver, natsUrl),
  ]);
  return { admin, approver };
};

/** The recorded events of an answer; a refusal or silence throws with its code. */
export const recorded = (answer: PlaneAnswer): readonly RecordedEvent[] => {
  if (answer.kind === 'recorded') return answer.events;
  throw new CliFault(answer.kind === 'refused' ? answer : noAnswer('the plane', answer.why));
};

/** Exactly what `nats pub` does: one unsigned publish of a few bytes, by any client, with the person's own connection. */
export const publishHalt = async (
  home: string,
  natsUrl: string,
  scope: Scope,
  body: string,
): Promise<void> => {
  const name = Sample.oncall;
  const bus = await connectBus({
    url: natsUrl,
    seedFile: installPaths(home).personSeed(name),
    inboxPrefix: inboxOf(name),
    name,
  });
  bus.publish(subjects.halt(name, scope), body);
  await bus.flush();
  await bus.close();
};
