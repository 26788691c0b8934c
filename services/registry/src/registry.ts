// The policy administration point: who and what exists, published at run time. Every change is a signed event with its author.
import { type Command, refused, subjects } from '@writ/contracts';
import { canonicalize, sha256 } from '@writ/crypto';
import { decideRegistry, evolveRegistry, registryInitial } from '@writ/domain';
import {
  connectPlane,
  createIntake,
  installPaths,
  openEraser,
  rememberFrames,
  type ServiceStart,
  startTicker,
  verifyPossession,
} from '@writ/runtime';
import { recordAdoption } from './adopt.js';
import { isOfCommand } from './answered-before.js';
import { appoint } from './appoint.js';
import { bootstrap } from './bootstrap.js';
import type { CarryOut } from './carry-out.js';
import { createEraser } from './eraser.js';
import { isPrivacyAction } from './private-words.js';

const RECORD_MS = 3_000;
const ERASE_EVERY_MS = 30_000;

const digestsOf = ({ data }: Command) => ({
  boundary:
    data.action.do === 'publish-boundary' ? sha256(canonicalize(data.action.boundary as never)) : undefined,
  gate: data.action.do === 'publish-gate' ? sha256(canonicalize(data.action.gate as never)) : undefined,
});

/** Starts the registry. On its first start it founds the organisation from bootstrap.ndjson. */
export const startRegistry: ServiceStart = async (context) => {
  const plane = await connectPlane(context, 'registry', ['registry']);
  const writers = plane.writers('registry', registryInitial, evolveRegistry);
  const frames = rememberFrames(plane, 'registry', 10_000);
  await plane.start();

  const carryOut: CarryOut = async (command, frame, author, subject) => {
    const digests = digestsOf(command);
    const done = await writers.of(plane.org).submit({
      id: command.id,
      deadline: performance.now() + RECORD_MS,
      decide: ({ state }) =>
        decideRegistry(
          {
            command,
            frame,
            author,
            now: plane.timestamp(),
            digests,
            possession: (certificate) => verifyPossession(certificate, plane.org),
            subject,
          },
          state,
        ),
    });
    if (done.kind !== 'done')
      return refused(done.kind === 'indeterminate' ? 'WRIT-LED-002' : done.code, done.reason);
    const { result } = done;
    if (result.kind === 'refused') {
      const stored = result.code === 'WRIT-REG-008' ? await frames.of(`${command.id}.registry.0`) : undefined;
      const own = stored !== undefined && isOfCommand(stored, frame);
      return own ? { kind: 'frames', frames: [stored] } : result;
    }
    plane.log.info({ event: 'registry.changed', action: command.data.action.do, seq: done.seqs[0] });
    return { kind: 'frames', frames: done.frames };
  };

  const { appointmentFile, bootstrapFile } = installPaths(context.config.paths.root);
  await appoint(plane, writers, appointmentFile);
  await bootstrap(plane, bootstrapFile, carryOut);
  await recordAdoption(plane, context.config.paths.root, carryOut);
  const vault = context.config.databaseUrl === undefined ? undefined : await openEraser(context);
  const eraser = vault && createEraser({ plane, writers, frames, vault });
  await eraser?.sweep();
  const sweeps = startTicker(ERASE_EVERY_MS, plane.log, () => eraser?.sweep());
  const intake = createIntake(plane, {
    kind: 'command',
    subject: subjects.command('registry', plane.org, '*'),
    queue: 'registry',
    rate: 50,
    burst: 200,
    mayHold: (key, sender) =>
      key.role === 'person' && sender.kind === 'command' && key.holder === sender.person,
    handle: ({ document, frame, key, disclosures }) => {
      const author = { kind: 'person', person: key.holder } as const;
      if (!isPrivacyAction(document.data.action)) return carryOut(document, frame, author);
      return (
        eraser?.answer([document, frame, author], disclosures, carryOut) ??
        Promise.resolve(refused('WRIT-ERA-003', 'the registry has no vault: WRIT_DATABASE_URL is not set'))
      );
    },
  });
  return {
    stop: async () => {
      await sweeps.stop();
      await intake.stop();
      await plane.stop();
      await vault?.close();
    },
  };
};
