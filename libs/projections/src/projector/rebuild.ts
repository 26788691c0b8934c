// Builds the read model again beside the live one and swaps: the way to a new version and the proof of invariant 7.
import { type Build, prepareBuild } from '../database/prepare.js';
import type { ProjectionFault } from './fault.js';
import { type ProjectorOptions, startProjector } from './projector.js';

/** `adminUrl` makes the tables; `options.pool` (role `writ_projector`) fills them. */
export type RebuildOptions = {
  readonly adminUrl: string;
  readonly projector: Omit<ProjectorOptions, 'build' | 'onFault' | 'onNotice'>;
  readonly timeoutMs?: number;
};

/** What came of a rebuild. `promoted`: the new build is the live one; else the live one is as it was. */
export type Rebuilt =
  | { readonly kind: 'promoted'; readonly build: Build; readonly seq: number }
  | { readonly kind: 'not-promoted'; readonly build: Build; readonly fault?: ProjectionFault };

/**
 * Reads the whole ledger into a new build, verifying every frame again, and shows it in place of the live one when it has
 * caught up; readers see the old or the new one, never a mixture. A projector of the old build goes on with the new one.
 */
export const rebuild = async (options: RebuildOptions): Promise<Rebuilt> => {
  const build = await prepareBuild(options.adminUrl, options.projector.version);
  let done: (result: Rebuilt) => void = () => undefined;
  const result = new Promise<Rebuilt>((resolve) => {
    done = resolve;
  });
  const timer = setTimeout(() => done({ kind: 'not-promoted', build }), options.timeoutMs ?? 2 ** 31 - 1);
  const projector = startProjector({
    ...options.projector,
    build: build.build,
    onFault: (fault) => done({ kind: 'not-promoted', build, fault }),
    onNotice: (notice) => {
      if (notice.event !== 'projector.promoted') return;
      done({ kind: 'promoted', build, seq: projector.position() });
    },
  });
  try {
    return await result;
  } finally {
    clearTimeout(timer);
    await projector.stop();
  }
};
