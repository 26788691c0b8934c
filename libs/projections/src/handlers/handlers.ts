// Which handler takes which family. It never catches: a throw is the projector's to report.
import { covers, type Family } from '@writ/contracts';
import type { Change } from '../rows/change.js';
import { onApproval } from './approval.js';
import { onAuthority } from './authority.js';
import { onConduct } from './conduct.js';
import { onDecision } from './decision.js';
import { onOutcome } from './outcome.js';
import { type Effective, type Handler, scopeOf } from './recorded.js';
import { onRegistry } from './registry.js';
import { onStop } from './stop.js';

/** One handler per family. */
export type Handlers = { readonly [F in Family]: Handler<F> };

/** The handlers of this projection version. */
export const handlers: Handlers = {
  registry: onRegistry,
  decision: onDecision,
  authority: onAuthority,
  outcome: onOutcome,
  approval: onApproval,
  conduct: onConduct,
  stop: onStop,
};

type Claims = { readonly agent?: unknown; readonly scope?: unknown };

// What a document says it is about must lie beneath its subject; a service that lost its key cannot reach further here.
const withinSubject = (event: Effective, family: Family): boolean => {
  const scope = scopeOf(event);
  const { agent, scope: documentScope } = event.document.data as Claims;
  const claimed = family === 'registry' ? [agent, documentScope] : [agent];
  return claimed.every((about) => typeof about !== 'string' || covers(scope, about));
};

/** The changes that an effective event makes; none when it is about something that lies outside its subject. */
export const changesOf = (by: Handlers, event: Effective): readonly Change[] => {
  const family = event.document.type.split('.')[1] as Family;
  if (!withinSubject(event, family)) return [];
  return (by[family] as (e: Effective) => readonly Change[])(event);
};
