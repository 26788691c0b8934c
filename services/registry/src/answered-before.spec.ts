// A stored event is handed out again for the very command that made it, and for no other that bears its id.
import { LEDGER_PAYLOAD_TYPE } from '@writ/contracts';
import { generateKeyPair, signFrame } from '@writ/crypto';
import { describe, expect, it } from 'vitest';
import { isOfCommand } from './answered-before.js';

const service = generateKeyPair();
const command = { kid: 'alice', sig: 's', signed: { id: 'c1', data: { action: 'erase', version: 3 } } };
const storedFor = (data: object) =>
  signFrame(LEDGER_PAYLOAD_TYPE, { kid: service.kid, data } as never, service);

describe('a command id that was used', () => {
  it('gives the event to whoever signed this very command', () => {
    expect(isOfCommand(storedFor({ command }), command)).toBe(true);
    const { id, data } = command.signed;
    expect(isOfCommand(storedFor({ command }), { ...command, signed: { data, id } })).toBe(true);
  });

  it.each([
    ['another author', { ...command, kid: 'mallory' }],
    ['another command', { ...command, signed: { ...command.signed, data: { action: 'erase', version: 4 } } }],
  ])('gives nothing to %s', (_, other) => {
    expect(isOfCommand(storedFor({ command }), other)).toBe(false);
  });

  it('gives nothing of an event that no command made, and of what is no frame', () => {
    expect(isOfCommand(storedFor({}), command)).toBe(false);
    expect(isOfCommand(Buffer.from('{}'), command)).toBe(false);
  });
});
