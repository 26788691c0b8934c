// The certificate of a session key: what an honest one says, and that nothing else passes.
import { type JsonObject, livePayloadType, type SessionKey, sessionSubject } from '@writ/contracts';
import { describe, expect, it } from 'vitest';
import { generateKeyPair, type KeyPair } from './keys.js';
import { joinMessage, splitMessage } from './message.js';
import { certifySessionKey, openSessionKey, vouchesAt } from './session-key.js';
import { signFrame } from './sign-frame.js';

const AGENT = 'acme.shop.prod.refunder';
const ID = '01900000-0000-7000-8000-000000000001';
const TIME = '2026-03-01T10:00:00.000Z';
const identity = generateKeyPair();
const about = { agent: AGENT, role: 'agent', notBefore: TIME, time: TIME, id: ID } as const;

const certified = (notAfter = '2026-03-01T11:00:00.000Z', key = generateKeyPair()) =>
  certifySessionKey(identity, key, { ...about, notAfter });

const open = (certificate: Uint8Array, key: KeyPair = identity) =>
  openSessionKey(certificate, (kid) => (kid === key.kid ? key : undefined));

const dataOf = (certificate: Uint8Array): SessionKey['data'] & JsonObject =>
  JSON.parse(Buffer.from(certificate).toString('utf8')).signed.data;

/** The certificate with other data, signed by the identity key all the same. */
const restated = (data: object, as: object = {}): Uint8Array =>
  signFrame(
    livePayloadType('session-key'),
    {
      ...{
        type: 'writ.session-key.v1',
        id: ID,
        kid: identity.kid,
        subject: sessionSubject(AGENT),
        time: TIME,
      },
      data,
      ...as,
    },
    identity,
  );

describe('a session certificate', () => {
  it('says whose the session key is and when it is good; twice the same', async () => {
    const key = generateKeyPair();
    const certificate = await certified(undefined, key);
    const opened = open(certificate);
    expect(opened).toMatchObject({
      ok: true,
      vouched: { identity: identity.kid, agent: AGENT, role: 'agent', key: { kid: key.kid } },
    });
    expect(open(certificate)).toEqual(opened);
    if (!opened.ok) throw new Error(opened.reason);
    const at = (time: string) => vouchesAt(opened.vouched, `2026-03-01T${time}Z`);
    expect([at('09:59:59.999'), at('10:00:00.000'), at('10:59:59.999'), at('11:00:00.000')]).toEqual([
      ...[false, true, true, false],
    ]);
  });

  it('travels as the second line of a message', async () => {
    const certificate = await certified();
    const frame = Buffer.from('{"frame"');
    expect(splitMessage(joinMessage(frame, ['aa'], certificate))).toEqual({
      ...{ frame, rest: ['aa'] },
      certificate: Buffer.from(certificate),
    });
    expect(splitMessage(joinMessage(frame, ['aa', '{']))).toEqual({ frame, rest: ['aa', '{'] });
  });

  it('is not known under another key, also when it was met before', async () => {
    const certificate = await certified();
    expect(open(certificate).ok).toBe(true);
    expect(open(certificate, generateKeyPair())).toMatchObject({ ok: false, code: 'WRIT-FRM-005' });
  });

  it('is good for 24 hours at most', async () => {
    expect(open(await certified('2026-03-02T10:00:00.000Z')).ok).toBe(true);
    expect(open(await certified('2026-03-02T10:00:00.001Z'))).toMatchObject({ code: 'WRIT-KEY-030' });
    expect(open(await certified('2026-02-31T10:00:00.000Z'))).toMatchObject({ code: 'WRIT-KEY-030' });
  });

  it('holds no more after any change of one character', async () => {
    const text = Buffer.from(await certified()).toString('latin1');
    for (let n = 8; n < text.length; n += 7) {
      const other = `${text.slice(0, n)}${text[n] === 'A' ? 'B' : 'A'}${text.slice(n + 1)}`;
      expect(open(Buffer.from(other, 'latin1')).ok).toBe(false);
    }
  });
});

describe('a certificate that the identity key signed is refused', () => {
  it('without the possession of the session key', async () => {
    const data = dataOf(await certified());
    const others = dataOf(await certified());
    const refused = [
      restated({ ...data, possession: others.possession }),
      restated({ ...data, session: others.session }),
      restated({ ...data, possession: { ...data.possession, sig: others.possession.sig } }),
      restated({ ...data, possession: { kid: identity.kid, sig: data.possession.sig, signed: {} } }),
    ].map((certificate) => open(certificate));
    for (const opened of refused) expect(opened).toMatchObject({ ok: false, code: 'WRIT-KEY-030' });
  });

  it('that is of another agent, certificate or subject than the session key says', async () => {
    const data = dataOf(await certified());
    const other = 'acme.shop.prod.indexer';
    expect(open(restated(data)).ok).toBe(true);
    const refused = [
      restated({ ...data, agent: other }, { subject: sessionSubject(other) }),
      restated(data, { id: ID.replace(/1$/, '2') }),
      restated(data, { time: '2026-03-01T10:00:00.001Z' }),
      restated(data, { subject: 'gov.ledger.registry.acme' }),
      restated({ ...data, more: 1 }),
    ].map((certificate) => open(certificate));
    for (const opened of refused) expect(opened).toMatchObject({ ok: false, code: 'WRIT-KEY-030' });
  });

  it('for itself', async () => {
    expect(open(await certified(undefined, identity))).toMatchObject({ code: 'WRIT-KEY-030' });
  });
});
