// Takes apart what came beside a command of erasure or hold: the identifier of a data subject, which is never kept, and the reason.
import { type Committed, type Refused, type RegistryAction, refused } from '@writ/contracts';
import { disclosureDigest, readDisclosure } from '@writ/crypto';

/** The commands that this is about. */
export type PrivacyAction = Extract<RegistryAction, { readonly do: 'erase' | 'place-hold' | 'lift-hold' }>;

/** `identifier` is who the command is about, in plain; `reason` are the disclosures that may be kept. */
export type PrivateWords = {
  readonly kind: 'words';
  readonly identifier: string | undefined;
  readonly reason: readonly string[];
};

const MAX_IDENTIFIER = 500;

/** The identifier that a commitment of the one member `subject` stands for; undefined when it does not. */
const identifierIn = (committed: Committed, disclosures: readonly string[]): string | undefined => {
  const [text] = disclosures;
  if (text === undefined || disclosures.length !== 1 || committed._sd.length !== 1) return undefined;
  const read = readDisclosure(text);
  const fits = read.ok && read.name === 'subject' && typeof read.value === 'string';
  return fits && read.value.length > 0 && read.value.length <= MAX_IDENTIFIER
    ? (read.value as string)
    : undefined;
};

/** Whether an action is one of erasure or hold. */
export const isPrivacyAction = (action: { readonly do: string }): action is PrivacyAction =>
  action.do === 'erase' || action.do === 'place-hold' || action.do === 'lift-hold';

/** Reads what came beside the command. Refuses (WRIT-FRM-013) what opens nothing in it, and a data subject that is not disclosed. */
export const readPrivateWords = (
  action: PrivacyAction,
  disclosures: readonly string[],
): PrivateWords | Refused => {
  const target = action.do === 'lift-hold' ? undefined : action.target;
  const about = target?.kind === 'subject' ? target.subject : undefined;
  const opens = (committed: Committed | undefined) =>
    disclosures.filter((text) => committed?._sd.includes(disclosureDigest(text)) === true);
  const [named, reason] = [opens(about), opens(action.reason)];
  if (named.length + reason.length !== disclosures.length || reason.some((text) => !readDisclosure(text).ok))
    return refused('WRIT-FRM-013', 'a disclosure opens no commitment of this command');
  const identifier = about === undefined ? undefined : identifierIn(about, named);
  if (about !== undefined && identifier === undefined)
    return refused('WRIT-FRM-013', 'the data subject is not disclosed beside the command');
  return { kind: 'words', identifier, reason };
};
