// The one entry by which a verified command changes the registry: from a person on the bus, or from the root at the first start.
import type { Command, Frame } from '@writ/contracts';
import type { RegistryInput } from '@writ/domain';
import type { Answer } from '@writ/runtime';

/**
 * Carries out one verified command of its author; answers with the stored event, also when it was carried out before. `subject` is the
 * pseudonym of the data subject that the command commits to.
 */
export type CarryOut = (
  command: Command,
  frame: Frame,
  author: RegistryInput['author'],
  subject?: string,
) => Promise<Answer>;
