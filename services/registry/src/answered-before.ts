// A command that came before: its event is handed out again, to whoever signed this very command, and to nobody else.
import type { Frame } from '@writ/contracts';
import { canonicalize, readFrame } from '@writ/crypto';

type Stored = {
  readonly data?: { readonly command?: { readonly kid?: unknown; readonly signed?: unknown } };
};

const commandIn = (stored: Uint8Array) => {
  const read = readFrame(stored);
  if (!read.ok) return undefined;
  const { data } = JSON.parse(Buffer.from(read.frame.document).toString('utf8')) as Stored;
  return data?.command;
};

/** Whether a stored event was made by exactly this command: the same document, signed with the same key. */
export const isOfCommand = (stored: Uint8Array, { kid, signed }: Pick<Frame, 'kid' | 'signed'>): boolean => {
  const made = commandIn(stored);
  return made?.kid === kid && canonicalize(made.signed as never) === canonicalize(signed);
};
