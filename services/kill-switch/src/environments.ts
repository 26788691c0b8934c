// Opens environments: until the kill-switch has said which halts are in force over one, nothing is issued there.
import { covers } from '@writ/contracts';
import {
  type AuthorityState,
  decideOpenEnvironment,
  environments,
  type Halt,
  haltsInForce,
  isOpened,
} from '@writ/domain';
import type { Plane, WriterPool } from '@writ/runtime';

const OPEN_MS = 5_000;

/** The halts in force in any environment that cover this scope too, each once. */
export const haltsOver = (authority: WriterPool<AuthorityState>, scope: string): readonly Halt[] => {
  const all = authority.scopes().flatMap((other) => haltsInForce(authority.state(other)));
  const covering = all.filter((halt) => covers(halt.scope, scope));
  return [...new Map(covering.map((halt) => [halt.id, halt])).values()];
};

/** Opens every environment that the registry knows and that is not open yet, with the halts then in force over it. */
export const openEnvironments = async (
  plane: Plane,
  authority: WriterPool<AuthorityState>,
): Promise<void> => {
  for (const { scope, event } of environments(plane.registry())) {
    if (isOpened(authority.state(scope))) continue;
    const registryEvent = { id: event, correlationid: event.split('.')[0] as string };
    await authority.of(scope).submit({
      id: event,
      deadline: performance.now() + OPEN_MS,
      // Looked up inside: a halt that is folded while this waits must be among them.
      decide: ({ state }) => {
        const haltsInForce = haltsOver(authority, scope);
        return decideOpenEnvironment({ environment: scope, registryEvent, haltsInForce }, state);
      },
    });
  }
};
