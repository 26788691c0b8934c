// Where checkpoints are written besides: `anchors.json`. Secrets stand in files of their own, never in it.
import { existsSync, readFileSync } from 'node:fs';
import { RuntimeFault, readPrivateFile } from '@writ/runtime';
import { z } from 'zod';

const common = {
  /** For the log. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  /** Which checkpoints: every signed one, or those that met the witness policy. */
  of: z.enum(['signed', 'cosigned']).default('signed'),
  /** At most one in this time, ms; the latest one counts. */
  everyMs: z.int().min(0).max(86_400_000).default(1_000),
};

const Anchor = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('file'), ...common, path: z.string().min(1).max(1_000) }),
  z.strictObject({
    kind: z.literal('put'),
    ...common,
    url: z
      .string()
      .regex(/^https?:\/\//)
      .max(2_000),
    headersFile: z.string().min(1).optional(),
  }),
  z.strictObject({ kind: z.literal('command'), ...common, argv: z.array(z.string().min(1)).min(1).max(64) }),
]);

const Shape = z.strictObject({ anchors: z.array(Anchor).max(16) });

/** One place to anchor. `{size}` in a path or address is the size of the checkpoint; without it the file is replaced. */
export type Anchor = Readonly<z.output<typeof Anchor>>;

/** The anchors of an installation; none without a file. Throws WRIT-CFG-002. */
export const readAnchors = (file: string): readonly Anchor[] => {
  if (!existsSync(file)) return [];
  try {
    const { anchors } = Shape.parse(JSON.parse(readFileSync(file, 'utf8')));
    if (new Set(anchors.map(({ name }) => name)).size === anchors.length) return anchors;
  } catch {
    // Told below, without its contents.
  }
  throw new RuntimeFault('WRIT-CFG-002', `${file} (is not a list of anchors, or two have one name)`);
};

/** The headers of a PUT, from a private file (0600): one JSON object of texts. Throws WRIT-KEY-101, -102, -104. */
export const readHeaders = (file: string | undefined): Readonly<Record<string, string>> => {
  if (file === undefined) return {};
  const text = readPrivateFile(file);
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(text));
  } catch {
    throw new RuntimeFault('WRIT-KEY-104', file);
  }
};
