// Tells every agent of an environment what was recorded: a halt, or a release with the persons' own signatures in it.
import { type Frame, subjects } from '@writ/contracts';
import type { LedgerEvent } from '@writ/ledger';
import { type Plane, signLiveWith } from '@writ/runtime';

const ABOUT = {
  'writ.authority.halt-engaged.v1': 'halt-engaged',
  'writ.authority.halt-released.v1': 'halt-released',
} as const;

const isHaltFact = (type: string): type is keyof typeof ABOUT => type in ABOUT;

/** Publishes the notice of one event; others than halts and releases are passed over. */
export const giveNotice = (plane: Plane, { document, scope: environment, seq, bytes }: LedgerEvent): void => {
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
