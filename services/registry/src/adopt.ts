// A ledger that a person has adopted (ADR 0010): the decision itself becomes an event, once, at the registry's next start.
import { beginsAs, installPaths, judgeAdoption, type Plane, readAdoption } from '@writ/runtime';
import type { CarryOut } from './carry-out.js';

const ignored = (plane: Plane, why: string): void =>
  plane.log.warn({ event: 'adoption.ignored', code: 'WRIT-LED-013', why });

/**
 * Records the adoption that lies in the installation's folder. Without one, when it is recorded already, has expired or is of another
 * ledger, nothing happens. Dies before the append: the next start does it, within the hour that the command is good for.
 */
export const recordAdoption = async (plane: Plane, home: string, carryOut: CarryOut): Promise<void> => {
  const frame = readAdoption(installPaths(home).adoptionFile);
  if (frame === undefined) return;
  const adoption = judgeAdoption(frame, plane);
  if (typeof adoption === 'string') return ignored(plane, adoption);
  const { command, author, digest, id } = adoption;
  if (adoption.expires <= plane.timestamp() || plane.registry().commands.has(id)) return;
  const other = await beginsAs(plane, adoption.ledger);
  if (other !== undefined) return ignored(plane, other);
  const by = author.kind === 'root' ? { kind: author.kind, digest } : author;
  const answer = await carryOut(command, adoption.frame as never, by);
  if (answer?.kind === 'refused' && answer.code !== 'WRIT-REG-008')
    plane.log.error({ event: 'adoption.refused', code: answer.code, id });
};
