// Tells every agent of an environment what was recorded: a halt, or a release with the persons' own signatures in it.
import { type Frame, subjects } from '@writ/contracts';
import type { LedgerEvent } from '@writ/ledger';
import { type Plane, signLiveWith } from '@writ/runtime';

const ABOUT = {
  'writ.authority.halt-engaged.v1': 'halt-engaged',
  'writ.authority.halt-released.v1': 'halt-released',
} as const;

const isHaltFact = (type: string): type is keyof typeof ABOUT => type in ABOUT;

/**
 * How long the notice of a halt waits, ms: whoever hears halts has stopped on sight, and the notice, which tells the others and gives
 * the halt its id, must not meet the halt itself on its way to a thousand agents.
 */
export const NOTICE_PAUSE_MS = 100;

export interface Notices {
  /** Gives notice of a halt after the pause, of a release at once; always in the order of the ledger. */
  take(event: LedgerEvent): void;
  /** Gives the notices that wait now: a lease that knows of a halt must not come before its notice. */
  flush(): void;
}

/** The notices of one plane; events other than halts and releases are passed over. */
export const createNotices = (plane: Plane): Notices => {
  const waiting: LedgerEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    for (const event of waiting.splice(0)) publish(plane, event);
  };
  return {
    take: (event) => {
      if (!isHaltFact(event.document.type)) return;
      waiting.push(event);
      if (event.document.type === 'writ.authority.halt-released.v1') flush();
      else timer ??= setTimeout(flush, NOTICE_PAUSE_MS);
    },
    flush,
  };
};

const publish = (plane: Plane, { document, scope: environment, seq, bytes }: LedgerEvent): void => {
  if (!isHaltFact(document.type)) return;
  const fact = JSON.parse(new TextDecoder().decode(bytes)) as Frame;
  const subject = subjects.notice(environment);
  const data = { environment, about: ABOUT[document.type], position: seq, fact };
  signLiveWith('notice', subject, data, plane.key, { time: plane.timestamp() })
    .then(({ bytes: notice }) => plane.bus.publish(subject, notice))
    .catch((error: unknown) =>
      plane.log.error({ event: 'notice.unsigned', environment, error: (error as Error).name }),
    );
};
