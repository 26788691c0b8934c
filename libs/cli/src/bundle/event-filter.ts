// Owns which events a person asked for: by agent, family and server time. It knows no event's meaning.
import { AgentScope, Families, type Family } from '@writ/contracts';
import { agentOf } from '@writ/interop';
import type { Judged } from '@writ/verifier';
import { fault } from '../fault.js';

/** The options that narrow an export of events. */
export type FilterOptions = {
  readonly agent?: string | undefined;
  readonly family?: readonly string[] | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
};

const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

function millisOf(name: string, text: string): number {
  const ms = TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms)
    ? fault('WRIT-CLI-002', `${name} is a day or an RFC 3339 time, as in 2026-01-31T09:00:00Z`)
    : ms;
}

function familyOf(name: string): Family {
  const family = Families.find((one) => one === name);
  return family ?? fault('WRIT-CLI-002', `--family is one of ${Families.join(', ')}`);
}

/** Whether an event is asked for. `since` is inclusive, `until` exclusive; both are about the server's time. */
export function filterOf({ agent, family, since, until }: FilterOptions): (event: Judged) => boolean {
  if (agent !== undefined && !AgentScope.safeParse(agent).success)
    fault('WRIT-CLI-002', '--agent org.project.environment.name');
  const families = family?.map(familyOf);
  const from = since === undefined ? Number.NEGATIVE_INFINITY : millisOf('--since', since);
  const to = until === undefined ? Number.POSITIVE_INFINITY : millisOf('--until', until);
  return (event) =>
    (agent === undefined || agentOf(event) === agent) &&
    (families === undefined || families.includes(event.family)) &&
    event.ms >= from &&
    event.ms < to;
}
