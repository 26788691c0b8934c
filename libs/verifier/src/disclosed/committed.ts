// What events commit to: every `_sd` digest of them, and whose value it stands for. Says where they are; knows no value.
import type { Digest } from '@writ/contracts';
import type { MissingDisclosure } from '@writ/domain';
import type { Judged } from '../message.js';

/** A digest with what an erasure would have to name. */
export type CommittedDigest = { readonly digest: Digest; readonly about: MissingDisclosure };

type Owner = Pick<MissingDisclosure, 'agent' | 'month'>;
type Members = { readonly [name: string]: unknown };

const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null;
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The digests that an `_sd` member anywhere in a value commits to. */
export const digestsIn = (value: unknown): readonly Digest[] => {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === '_sd' && Array.isArray(member) ? member.map(String) : digestsIn(member),
  );
};

const monthOf = (time: unknown): string => textOf(time).slice(0, 7);

/** The values of a person's command belong to no agent. */
const ownerIn = (signed: Members, agent: string): Owner => ({
  agent: textOf(signed['type']).startsWith('writ.command') ? '' : agent,
  month: monthOf(signed['time']),
});

/** Every signed document within a value: a value is kept under the time of the document that was sent, not of its record. */
const documentsIn = (value: unknown): readonly Members[] => {
  if (!isObject(value)) return [];
  const { signed } = value;
  const inner = Object.values(value).flatMap(documentsIn);
  return isObject(signed) ? [signed, ...inner] : inner;
};

const intentIn = (data: Members, documents: readonly Members[]): string | undefined => {
  const asked = documents.find(({ type }) => type === 'writ.intent.v1');
  return textOf(data['intentId'] ?? asked?.['id']) || undefined;
};

/** What an effective event commits to, each digest once. */
export const committedBy = ({ seq, document }: Judged): readonly CommittedDigest[] => {
  const data: Members = document.data;
  const agent = textOf(data['agent'] ?? data['scope']);
  const documents = documentsIn(data);
  const shared = { committedAt: seq, intentId: intentIn(data, documents) };
  const own = { agent, month: monthOf(data['heardAt'] ?? document.time) };
  const found = new Map<Digest, CommittedDigest>();
  const add = (digests: readonly Digest[], owner: Owner): void => {
    for (const digest of digests)
      if (!found.has(digest)) found.set(digest, { digest, about: { ...owner, ...shared } });
  };
  for (const signed of documents) add(digestsIn(signed['data']), ownerIn(signed, agent));
  add(digestsIn(data), own);
  return [...found.values()];
};
