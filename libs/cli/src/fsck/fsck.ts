// Owns the comparison as a whole: the ledger from its first message to its end, against everything that should agree with it. It
// changes nothing and holds no content.
import { hashText, rootOf, toBase64url } from '@writ/crypto';
import { type RegistryState, registryInitial } from '@writ/domain';
import { organisationIn } from '../home.js';
import { createProgress } from '../progress.js';
import { readRegistry, withReader } from '../reading/ledger-view.js';
import type { LedgerReader } from '../reading/reader.js';
import { checkpointDiffers, type FoundCheckpoint, readFound, sealerKeys, sealerNote } from './checkpoints.js';
import { sideBySide } from './compare-messages.js';
import { collectDifferences, type Difference, type Differences } from './differences.js';
import { judgeMarks, type MarkVerdict, placesOf, readMarks, type ServiceMark } from './marks.js';
import { openReadModel, type ReadModelSource } from './read-model.js';
import { growTree, type Tree, walk } from './walk.js';

/** The ledger as it was found. `root`: base64url, of the tree up to `end` or to the first gap. `backwards`: server times that go back. */
export type LedgerFacts = {
  readonly end: number;
  readonly root: string;
  readonly rootText: string;
  readonly treeSize: number;
  readonly lastTime: string | null;
  readonly backwards: number;
};

/** One part that was, or could not be, compared. */
export type Part = {
  readonly name: string;
  readonly state: 'same' | 'differs' | 'unreachable' | 'absent';
  readonly detail: string;
};

export type FsckReport = {
  readonly ledger: LedgerFacts;
  readonly marks: readonly MarkVerdict[];
  readonly parts: readonly Part[];
  readonly differences: readonly Difference[];
  readonly counts: Differences['counts'];
};

/** What is compared; without a read model only ledger, marks and the sealer's folder. */
type Inputs = {
  readonly marks: readonly ServiceMark[];
  readonly readModel: ReadModelSource | string | undefined;
  readonly found: readonly FoundCheckpoint[];
};

type Walked = { readonly tree: Tree; readonly ledger: LedgerFacts };

const walkLedger = async (
  reader: LedgerReader,
  inputs: Inputs,
  differences: Differences,
): Promise<Walked> => {
  const { marks, readModel, found } = inputs;
  const end = await reader.ledger.end();
  const sizes = new Set(
    found.flatMap(({ checkpoint }) => (checkpoint === undefined ? [] : [checkpoint.size])),
  );
  const tree = growTree({ sizes, leaves: placesOf(marks) });
  const rows =
    typeof readModel === 'object' ? sideBySide(readModel.messages(), readModel.head, differences) : undefined;
  const progress = createProgress(end, process.stderr, 'messages');
  let lastTime: string | null = null;
  let backwards = 0;
  try {
    for await (const step of walk(reader, end)) {
      tree.add(step);
      if (step.kind === 'gap') {
        const what = step.from === step.to ? 'it is missing' : `all up to ${step.to} are missing`;
        differences.add({ kind: 'gap', where: 'ledger', seq: step.from, what });
        continue;
      }
      const { message } = step;
      if (lastTime !== null && message.time < lastTime) backwards += 1;
      lastTime = message.time;
      await rows?.add(message);
      progress.at(message.seq);
    }
    await rows?.end();
  } finally {
    progress.end();
  }
  const root = rootOf(tree.range());
  const facts = { end, root: toBase64url(root), rootText: hashText(root), treeSize: tree.range().size };
  return { tree, ledger: { ...facts, lastTime, backwards } };
};

const READ_MODEL = [
  'read-model-missing',
  'read-model-extra',
  'read-model-altered',
  'read-model-head',
] as const;

const readModelPart = (
  readModel: Inputs['readModel'],
  { counts }: Differences,
  { end }: LedgerFacts,
): Part => {
  const name = 'read model';
  if (typeof readModel !== 'object') return { name, state: 'unreachable', detail: readModel ?? 'not asked' };
  const { head, via } = readModel;
  const differs = READ_MODEL.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0);
  if (differs > 0) return { name, state: 'differs', detail: `${differs} places (over the ${via})` };
  const behind = head.seq < end ? `, ${end - head.seq} not taken yet` : '';
  return { name, state: 'same', detail: `${head.seq} messages (over the ${via})${behind}` };
};

const checkpointParts = (
  found: readonly FoundCheckpoint[],
  judge: (one: FoundCheckpoint) => string | undefined,
  differences: Differences,
): readonly Part[] =>
  found.map((one) => {
    const why = judge(one);
    const seq = one.checkpoint?.size ?? null;
    if (why !== undefined) differences.add({ kind: 'checkpoint', where: one.where, seq, what: why });
    const detail = why ?? `size ${seq}`;
    return { name: `checkpoint (${one.where})`, state: why === undefined ? 'same' : 'differs', detail };
  });

const markParts = (marks: readonly MarkVerdict[], differences: Differences): readonly Part[] =>
  marks.map(({ service, end, at, why }) => {
    const name = `what ${service} knew`;
    if (at === null) return { name, state: 'absent', detail: 'it keeps no mark here' };
    if (why === null) return { name, state: 'same', detail: `up to ${end}` };
    differences.add({ kind: 'mark', where: service, seq: end, what: why });
    return { name, state: 'differs', detail: why };
  });

const ledgerPart = ({ end, treeSize, backwards }: LedgerFacts, { counts }: Differences): Part => {
  const gaps = counts.gap ?? 0;
  const times =
    backwards === 0 ? '' : `; the server’s time went back ${backwards} times, which is no difference`;
  if (gaps > 0)
    return { name: 'ledger', state: 'differs', detail: `${gaps} gaps, the first behind ${treeSize}${times}` };
  return { name: 'ledger', state: 'same', detail: `${end} messages without a gap${times}` };
};

/** Folded from the registry's own subject; of a ledger without a beginning there is none. */
const registryOf = (home: string): Promise<RegistryState> => readRegistry(home).catch(() => registryInitial);

const noCheckpoint = (found: readonly FoundCheckpoint[]): readonly Part[] =>
  found.length > 0 ? [] : [{ name: 'checkpoint', state: 'absent', detail: 'none was found' }];

/**
 * Compares everything. The ledger must answer (WRIT-CLI-005, WRIT-NATS-005); of the other parts those that do not are named.
 * `databaseUrl`: an administrator's address, for a read model whose API does not answer.
 */
export const compareAll = async (home: string, databaseUrl: string | undefined): Promise<FsckReport> => {
  const { origin } = organisationIn(home);
  // What must not be ahead of the ledger is read before the ledger's end is asked for.
  const marks = readMarks(home);
  const readModel = await openReadModel(home, databaseUrl);
  const notes = [...sealerNote(home), ...(typeof readModel === 'object' ? readModel.notes : [])];
  const found = readFound(notes);
  const differences = collectDifferences();
  try {
    const { tree, ledger } = await withReader(home, (reader) =>
      walkLedger(reader, { marks, readModel, found }, differences),
    );
    const keys = found.length === 0 ? [] : sealerKeys(await registryOf(home), origin);
    const judge = (one: FoundCheckpoint) => checkpointDiffers(one, { origin, end: ledger.end, tree, keys });
    const verdicts = judgeMarks(marks, tree, ledger.end);
    const parts = [
      ledgerPart(ledger, differences),
      readModelPart(readModel, differences, ledger),
      ...checkpointParts(found, judge, differences),
      ...noCheckpoint(found),
      ...markParts(verdicts, differences),
    ];
    return { ledger, marks: verdicts, parts, differences: differences.shown, counts: differences.counts };
  } finally {
    if (typeof readModel === 'object') await readModel.close();
  }
};

/** Only what a person must see before they adopt a ledger: ledger and marks. */
export const compareMarks = async (
  home: string,
): Promise<Pick<FsckReport, 'ledger' | 'marks' | 'counts'>> => {
  const marks = readMarks(home);
  const differences = collectDifferences();
  const inputs = { marks, readModel: undefined, found: [] };
  const { tree, ledger } = await withReader(home, (reader) => walkLedger(reader, inputs, differences));
  return { ledger, marks: judgeMarks(marks, tree, ledger.end), counts: differences.counts };
};
