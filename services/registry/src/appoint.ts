// A registrar that the roots appointed: its own first event, at the start with the new key. Whether the roots agree is for the decider.
import { existsSync, readFileSync } from 'node:fs';
import { CommandId, RegistrarAppointedData } from '@writ/contracts';
import { endorses } from '@writ/crypto';
import { appointRegistrar, findKey, type RegistryState } from '@writ/domain';
import { type Plane, RuntimeFault, verifyPossession, type WriterPool } from '@writ/runtime';

const RECORD_MS = 10_000;

const readRequest = (file: string) => {
  try {
    const { id, data } = JSON.parse(readFileSync(file, 'utf8')) as { id?: unknown; data?: unknown };
    return { id: CommandId.parse(id), data: RegistrarAppointedData.parse(data) };
  } catch {
    throw new RuntimeFault('WRIT-KEY-021', file);
  }
};

/**
 * Records the appointment of this process's own key, once. Without a file, or when it is recorded already, nothing happens. Dies before
 * the append: the next start does it. The appointment of another key waits for a start with that key. Throws what the decider refuses.
 */
export const appoint = async (
  plane: Plane,
  writers: WriterPool<RegistryState>,
  file: string,
): Promise<void> => {
  if (!existsSync(file)) return;
  const { id, data } = readRequest(file);
  if (findKey(plane.registry(), data.registrar.kid) !== undefined) return;
  if (data.registrar.kid !== plane.key.kid) {
    plane.log.error({ event: 'appointment.waits', code: 'WRIT-KEY-021', kid: data.registrar.kid });
    return;
  }
  const done = await writers.of(plane.org).submit({
    id,
    deadline: performance.now() + RECORD_MS,
    decide: ({ state }) => {
      const possession: Parameters<typeof appointRegistrar>[0]['possession'] = (certificate) =>
        verifyPossession(certificate, plane.org);
      const draft = appointRegistrar({ id, data, endorses, possession }, state);
      return 'kind' in draft ? { result: draft, events: [] } : { result: undefined, events: [draft] };
    },
  });
  if (done.kind !== 'done') throw new RuntimeFault('WRIT-LED-002', done.reason);
  if (done.result !== undefined) throw new RuntimeFault(done.result.code, done.result.reason);
  plane.log.info({ event: 'registrar.appointed', seq: done.seqs[0] });
};
