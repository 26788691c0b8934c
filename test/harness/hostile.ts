// Bends a valid message in every way that a hostile or broken sender might: what is signed, how, by whom, where and for whom.
import { type LiveKind, livePayloadType } from '@writ/contracts';
import {
  canonicalize,
  generateKeyPair,
  type JsonValue,
  joinMessage,
  type KeyPair,
  pae,
  signBytes,
  toBase64url,
} from '@writ/crypto';
import { uuidv7 } from '@writ/runtime';
import fc from 'fast-check';
import type { Specimen } from './specimens.js';

/** A message as it arrives. `good`: nothing is wrong with frame, key, schema and address: it must reach the handler. */
export type Arrival = {
  readonly how: string;
  readonly subject: string;
  readonly reply: string | undefined;
  readonly data: Uint8Array;
  readonly good: boolean;
};

/** `own` is the sender's; `wrong` are registered keys that may not sign this: of others, of services, of the revoked. */
export type Keys = { readonly own: KeyPair; readonly wrong: readonly KeyPair[] };

type Way = { readonly how: string; readonly bend: (specimen: Specimen, keys: Keys) => Uint8Array };

const STRANGER = generateKeyPair();

const textOf = ({ kind, subject, data, time }: Specimen, { kid }: KeyPair): string => {
  const at = time ?? new Date().toISOString();
  const envelope = { type: `writ.${kind}.v1`, id: uuidv7(), kid, subject, time: at };
  return canonicalize({ ...envelope, data } as unknown as JsonValue);
};

/** A frame around any text at all, canonical or not. */
const frameAround = (text: string, key: KeyPair, kind: LiveKind): Uint8Array => {
  const sig = toBase64url(signBytes(key, pae(livePayloadType(kind), Buffer.from(text, 'utf8'))));
  return Buffer.from(`{"kid":"${key.kid}","sig":"${sig}","signed":${text}}`, 'utf8');
};

const signed = (specimen: Specimen, key: KeyPair): Uint8Array =>
  joinMessage(frameAround(textOf(specimen, key), key, specimen.kind), specimen.rest);

/** The message as its rightful sender sends it. */
export const rightful = (specimen: Specimen, { own }: Keys): Uint8Array => signed(specimen, own);

const bareFrame = (specimen: Specimen, keys: Keys): Uint8Array => rightful({ ...specimen, rest: [] }, keys);

const share = fc.double({ min: 0, max: 0.9999, noNaN: true });

const always = (how: string, bend: Way['bend']): fc.Arbitrary<Way> => fc.constant({ how, bend });
const drawn = <T>(how: string, from: fc.Arbitrary<T>, bend: (drawn: T) => Way['bend']): fc.Arbitrary<Way> =>
  from.map((value) => ({ how, bend: bend(value) }));

const noFrame = fc.oneof(
  drawn('random bytes', fc.uint8Array({ maxLength: 400 }), (data) => () => data),
  drawn('random text', fc.string({ maxLength: 200 }), (text) => () => Buffer.from(text)),
  drawn('unsigned JSON', fc.json({ maxDepth: 4 }), (text) => () => Buffer.from(text)),
  drawn('cut in the prefix', fc.nat(156), (n) => (s, k) => rightful(s, k).subarray(0, n)),
  always('empty', () => new Uint8Array()),
);

const withSignature = (s: Specimen, { own }: Keys, sig: string): Uint8Array =>
  Buffer.from(`{"kid":"${own.kid}","sig":"${sig}","signed":${textOf(s, own)}}`);

const flipped = (bytes: Uint8Array, at: number, by: number): Uint8Array => {
  const data = Buffer.from(bytes);
  const n = Math.floor(at * data.length);
  data[n] = (data[n] as number) ^ by;
  return data;
};

const damaged = fc.oneof(
  drawn(
    'one byte changed',
    fc.tuple(share, fc.integer({ min: 1, max: 255 })),
    ([at, by]) =>
      (s, k) =>
        flipped(bareFrame(s, k), at, by),
  ),
  drawn('cut off', share, (at) => (s, k) => {
    const whole = bareFrame(s, k);
    return whole.subarray(0, Math.floor(at * whole.length));
  }),
  always('no signature', (s, k) => withSignature(s, k, 'A'.repeat(86))),
  drawn(
    'another signature',
    fc.uint8Array({ minLength: 64, maxLength: 64 }),
    (sig) => (s, k) => withSignature(s, k, toBase64url(sig)),
  ),
);

const rewritten =
  (change: (text: string, specimen: Specimen) => string): Way['bend'] =>
  (s, { own }) =>
    joinMessage(frameAround(change(textOf(s, own), s), own, s.kind), s.rest);

const inData = (member: string): Way['bend'] =>
  rewritten((text) => text.replace('"data":{', `"data":{${member},`));

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** Signed by the right key, and still not what may be signed. */
const illFormed = fc.oneof(
  always(
    'a key twice',
    rewritten((text) => text.replace('"id":', '"id":"x","id":')),
  ),
  always(
    'white space',
    rewritten((text) => text.replace(',', ', ')),
  ),
  always(
    '__proto__',
    rewritten((text) => text.replace('"data":{', '"__proto__":{},"data":{')),
  ),
  always('a fraction', inData('"a":1.5')),
  always('a huge number', inData('"a":9007199254740993')),
  always('a lone surrogate', inData('"a":"\\ud800"')),
  drawn('too deep', fc.integer({ min: 33, max: 2000 }), (depth) => inData(`"a":${nested(depth)}`)),
  drawn('too large', fc.constantFrom(49, 100), (kib) => inData(`"a":"${'x'.repeat(kib * 1024)}"`)),
  drawn('any JSON signed', fc.jsonValue({ maxDepth: 3 }), (value) => rewritten(() => JSON.stringify(value))),
);

/** Integers and whole characters only, so that the document is canonical and the schema has to refuse it. */
const json = fc.oneof(
  fc.string({ maxLength: 12 }).filter((text) => text.isWellFormed()),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.integer(), { maxLength: 3 }),
) as fc.Arbitrary<JsonValue>;

const otherData =
  (change: (data: Specimen['data']) => unknown): Way['bend'] =>
  (s, { own }) =>
    signed({ ...s, data: change(s.data) as Specimen['data'] }, own);

const unfit = fc.oneof(
  drawn('other data', json, (value) => otherData(() => value)),
  drawn('one field wrong', fc.tuple(fc.nat(20), json), ([n, value]) =>
    otherData((data) => {
      const names = Object.keys(data);
      return { ...data, [names[n % names.length] as string]: { wrong: value } };
    }),
  ),
  drawn('one field missing', fc.nat(20), (n) =>
    otherData((data) => {
      const fields = Object.entries(data);
      return Object.fromEntries(fields.toSpliced(n % fields.length, 1));
    }),
  ),
  always(
    'one field more',
    otherData((data) => ({ ...data, more: 1 })),
  ),
);

const misdirected = fc.oneof(
  drawn(
    'a key that may not',
    fc.nat(20),
    (n) =>
      (s, { wrong }) =>
        signed(s, wrong[n % wrong.length] as KeyPair),
  ),
  always('an unknown key', (s) => signed(s, STRANGER)),
  always('signed for another subject', (s, { own }) => signed({ ...s, subject: `${s.subject}x` }, own)),
  drawn(
    'signed as another kind',
    fc.constantFrom<LiveKind>('intent', 'vote', 'lease', 'ack'),
    (kind) =>
      (s, { own }) =>
        frameAround(textOf(s, own), own, kind === s.kind ? 'refusal' : kind),
  ),
  always(
    'another type inside',
    rewritten((text, { kind }) => text.replace(`"writ.${kind}.v1"`, '"writ.refusal.v1"')),
  ),
);

/** Replies that the sender has no right to. */
const FOREIGN = [
  '_INBOX.decision.x',
  '_INBOX.acme.shop.prod.other.x',
  '$JS.API.STREAM.PURGE.GOV_LEDGER',
  'gov.ledger.decision.acme.shop.prod',
  '_INBOX',
  'gov.halt.alice.acme',
];

/** The inbox that an answer may go to. */
export const inboxFor = ({ sender }: Specimen): string => `_INBOX.${sender}.1`;

/** Arrivals around one intake: most are bent, some come elsewhere or ask for an answer elsewhere, some are right. */
export const arrivals = (specimen: () => Specimen, keys: Keys): fc.Arbitrary<Arrival> => {
  const made = (how: string, over: Partial<Arrival>, bend: Way['bend'] = rightful): Arrival => {
    const s = specimen();
    // A counterexample is shown by how it was made; its bytes would fill pages.
    const shown = { [fc.toStringMethod]: () => how };
    return {
      how,
      subject: s.subject,
      data: bend(s, keys),
      reply: inboxFor(s),
      good: false,
      ...over,
      ...shown,
    };
  };
  const ways = fc.oneof(noFrame, damaged, illFormed, unfit, misdirected);
  const bent = fc
    .tuple(ways, fc.boolean())
    .map(([{ how, bend }, asks]) => made(how, asks ? {} : { reply: undefined }, bend));
  const elsewhere = fc.constantFrom(...FOREIGN).map((reply) => made('answer elsewhere', { reply }));
  const misplaced = fc
    .constant(0)
    .map(() => made('on another subject', { subject: `${specimen().subject}x` }));
  const right = fc
    .boolean()
    .map((asks) => made('right', asks ? { good: true } : { good: true, reply: undefined }));
  return fc.oneof(
    { arbitrary: bent, weight: 16 },
    { arbitrary: elsewhere, weight: 2 },
    { arbitrary: misplaced, weight: 1 },
    { arbitrary: right, weight: 1 },
  );
};
