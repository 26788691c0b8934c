// The policy administration point: who and what exists, published at run time. Every change is a signed event with its author.
import { type Command, refused, subjects } from '@writ/contracts';
import { canonicalize, sha256 } from '@writ/crypto';
import { decideRegistry, evolveRegistry, registryInitial } from '@writ/domain';
import {
  connectPlane,
  createIntake,
  installPaths,
  rememberFrames,
  type ServiceStart,
  verifyPossession,
} from '@writ/runtime';
import { bootstrap } from './bootstrap.js';
import type { CarryOut } from './carry-out.js';

const RECORD_MS = 3_000;

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

  const carryOut: CarryOut = async (command, frame, author) => {
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
          },
          state,
        ),
    });
    if (done.kind !== 'done')
      return refused(done.kind === 'indeterminate' ? 'WRIT-LED-002' : done.code, done.reason);
    const { result } = done;
    if (result.kind === 'refused') {
      const stored = result.code === 'WRIT-REG-008' ? await frames.of(`${command.id}.registry.0`) : undefined;
      return stored === undefined ? result : { kind: 'frames', frames: [stored] };
    }
    plane.log.info({ event: 'registry.changed', action: command.data.action.do, seq: done.seqs[0] });
    return { kind: 'frames', frames: done.frames };
  };

  await bootstrap(plane, installPaths(context.config.paths.root).bootstrapFile, carryOut);
  const intake = createIntake(plane, {
    kind: 'command',
    subject: subjects.command('registry', plane.org, '*'),
    queue: 'registry',
    rate: 50,
    burst: 200,
    mayHold: (key, sender) =>
      key.role === 'person' && sender.kind === 'command' && key.holder === sender.person,
    handle: (message) =>
      carryOut(message.document, message.frame, { kind: 'person', person: message.key.holder }),
  });
  return {
    stop: async () => {
      await intake.stop();
      await plane.stop();
    },
  };
};
