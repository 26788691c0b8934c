// A log for a witness: a tree that grows, and requests spelled as the C2SP text spells them. It has forks, for those who need two.
import {
  appendLeaves,
  checkpointText,
  EMPTY_RANGE,
  generateKeyPair,
  hashText,
  leafHash,
  noteText,
  proveConsistency,
  rootOfLeaves,
  signNote,
  verifierKey,
} from '@writ/crypto';

export const startLog = (origin: string, word = 'leaf') => {
  const pair = generateKeyPair();
  const leaves = Array.from({ length: 64 }, (_, n) => leafHash(`${word} ${n}`));
  const nodes = new Map<string, Uint8Array>();
  appendLeaves(EMPTY_RANGE, leaves, ({ level, index, hash }) => nodes.set(`${level}/${index}`, hash));
  const root = (size: number) => rootOfLeaves(leaves.slice(0, size));
  const textOf = (size: number, of = root(size), extensions: readonly string[] = []) =>
    checkpointText({ origin, size, root: of, extensions });
  const signed = (text: string): string => noteText({ text, signatures: [signNote(text, origin, pair)] });
  const note = (size: number, of = root(size), signer = pair, name = origin): string => {
    const text = textOf(size, of);
    return noteText({ text, signatures: [signNote(text, name, signer)] });
  };
  const proof = async (from: number, to: number): Promise<string> => {
    const hashes = await proveConsistency(from, to, (level, index) => nodes.get(`${level}/${index}`)!);
    return hashes.map((hash) => `${hashText(hash)}\n`).join('');
  };
  return {
    origin,
    pair,
    key: verifierKey({ kind: 'log', name: origin, key: pair }),
    root,
    note,
    signed,
    proof,
    textOf,
    request: async (old: number, size: number): Promise<string> =>
      `old ${old}\n${await proof(old, size)}\n${note(size)}`,
  };
};

export type TestLog = ReturnType<typeof startLog>;
