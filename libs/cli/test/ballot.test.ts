// A vote is bound to one action and nobody else's: what stands in it, and what does not.
import { Command, livePayloadType, Vote } from '@writ/contracts';
import { disclosureDigest, generateKeyPair, openFrame, splitMessage } from '@writ/crypto';
import { describe, expect, it } from 'vitest';
import { type Ballot, signCommand, signVote } from '../src/person/ballot.js';

const key = generateKeyPair();
const signer = { person: 'bob', org: 'acme', key };
const digest = (letter: string) => `${letter.repeat(42)}A`;
const gate = {
  environment: 'acme.shop.prod',
  intentId: '01981f2e-7c3a-7d50-a1b2-c3d4e5f60718',
  intentDigest: digest('i'),
  boundaryDigest: digest('b'),
  obligedDigest: digest('o'),
};
const NOW = Date.parse('2026-03-01T12:00:00.000Z');

const open = async (ballot: Ballot) => {
  const signed = await signVote(signer, ballot, NOW);
  const { frame, rest } = splitMessage(signed.bytes);
  const opened = openFrame(frame, livePayloadType('vote'), key);
  if (!opened.ok) throw new Error(opened.reason);
  return { signed, rest, vote: Vote.parse(opened.document) };
};

describe('a vote', () => {
  it('binds intent, boundary and obliged arguments by digest, for one environment and one choice', async () => {
    const { vote, signed } = await open({ gate, choice: 'reject' });
    expect(signed.subject).toBe('gov.vote.acme.bob');
    expect(vote.subject).toBe(signed.subject);
    expect(vote.data).toMatchObject({ ...gate, choice: 'reject', expires: '2026-03-01T12:02:00.000Z' });
  });

  it('carries a nonce of its own each time', async () => {
    const votes = await Promise.all(Array.from({ length: 20 }, () => open({ gate, choice: 'approve' })));
    const nonces = votes.map(({ vote }) => vote.data.nonce);
    expect(new Set(nonces).size).toBe(20);
    for (const nonce of nonces) expect(Buffer.from(nonce, 'base64url')).toHaveLength(16);
  });

  it('keeps the reason out of the signed document: a salted digest stands for it', async () => {
    const { vote, rest, signed } = await open({ gate, choice: 'approve', reason: 'because of the incident' });
    expect(Buffer.from(splitMessage(signed.bytes).frame).toString()).not.toContain('incident');
    expect(rest).toHaveLength(1);
    expect(vote.data.reason._sd).toEqual([disclosureDigest(rest[0] as string)]);
  });

  it('does not verify as any other kind of document', async () => {
    const { frame } = splitMessage((await signVote(signer, { gate, choice: 'approve' }, NOW)).bytes);
    expect(openFrame(frame, livePayloadType('command'), key)).toMatchObject({
      ok: false,
      code: 'WRIT-FRM-003',
    });
  });
});

describe('a command', () => {
  it('names service, version and expiry', async () => {
    const action = { do: 'retire-agent' as const, agent: 'acme.shop.prod.ops' };
    const signed = await signCommand(signer, 'registry', { action, version: 7 }, NOW);
    const opened = openFrame(signed.bytes, livePayloadType('command'), key);
    expect(opened.ok && Command.parse(opened.document)).toMatchObject({
      subject: 'gov.command.registry.acme.bob',
      data: { action, version: 7, expires: '2026-03-01T12:02:00.000Z' },
    });
  });
});
