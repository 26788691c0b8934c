// Owns the request by which roots appoint a registrar: a file that goes from one root holder to the next. It counts endorsements only to
// tell; whether they are enough is for the registry, and for everybody who reads the ledger.
import { readFileSync } from 'node:fs';
import { CommandId, type KeyReason, RegistrarAppointedData } from '@writ/contracts';
import { endorses, readSigningKey, type SigningKey } from '@writ/crypto';
import { certificateOf, endorseWith, replaceFile, uuidv7, verifyPossession } from '@writ/runtime';
import { fault } from '../fault.js';

/** The file: an id, so that it is recorded once, and the data of the event. */
export type AppointmentRequest = { readonly id: string; readonly data: RegistrarAppointedData };

/** Reads a request. WRIT-KEY-021 when it is none, or its key is not proved. */
export const readRequest = (file: string): AppointmentRequest => {
  const request = parse(file);
  if (!verifyPossession(request.data.registrar, request.data.org))
    return fault('WRIT-KEY-021', `${file}: the new key does not prove possession`);
  return request;
};

const parse = (file: string): AppointmentRequest => {
  try {
    const { id, data } = JSON.parse(readFileSync(file, 'utf8')) as { id?: unknown; data?: unknown };
    return { id: CommandId.parse(id), data: RegistrarAppointedData.parse(data) };
  } catch {
    return fault('WRIT-KEY-021', `${file} is not such a request`);
  }
};

/** Writes it, in one step. */
export const writeRequest = (file: string, { id, data }: AppointmentRequest): void =>
  replaceFile(file, `${JSON.stringify({ id, data }, null, 2)}\n`);

/** A request without any endorsement yet. */
export const newRequest = async (
  key: SigningKey,
  about: {
    readonly org: string;
    readonly genesis: string;
    readonly after: string;
    readonly revokes: string | null;
    readonly from: number | null;
    readonly reason: KeyReason;
  },
): Promise<AppointmentRequest> => {
  const { org } = about;
  const registrar = await certificateOf(key, {
    ...{ role: 'registrar', holder: 'registry', scope: org, org },
    time: new Date().toISOString(),
    id: uuidv7(),
  });
  return { id: uuidv7(), data: { ...about, registrar, endorsements: [] } };
};

/** The request with the endorsement of one root key, in place of an earlier one of the same key. */
export const endorsed = async (
  { id, data }: AppointmentRequest,
  rootFile: string,
): Promise<AppointmentRequest> => {
  const root = readSigningKey(rootFile);
  const made = { org: data.org, data, time: new Date().toISOString(), id: uuidv7() };
  const own = await endorseWith(root, made);
  const others = data.endorsements.filter(({ kid }) => kid !== root.kid);
  return { id, data: { ...data, endorsements: [...others, own] } };
};

/** The distinct pinned roots that endorsed it. */
export const endorsersIn = (
  { data }: AppointmentRequest,
  roots: readonly { readonly kid: string; readonly x: string }[],
): readonly string[] =>
  roots
    .filter((root) => data.endorsements.some((e) => e.kid === root.kid && endorses(e, root, data.org, data)))
    .map(({ kid }) => kid);
