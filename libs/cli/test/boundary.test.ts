// Checking and comparing documents: findings have a place, differences have a name.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PermissionBoundary } from '@writ/contracts';
import { describe, expect, it } from 'vitest';
import { diffBoundaries } from '../src/document/diff.js';
import { useFolders, writ, writJson } from './run-writ.js';

const folder = useFolders();

const write = (name: string, text: string): string => {
  const file = folder(name);
  writeFileSync(file, text);
  return file;
};

const BOUNDARY = `apiVersion: writ/v1
kind: PermissionBoundary
metadata: { name: ops, scope: acme.shop.prod }
spec:
  task: keep the shop running
  level: 1
  autonomy: autonomous
  default: { effect: deny }
  rules:
    - { id: read, resource: 'pg:orders/**', operations: [select], effect: permit }
    - { id: drop, resource: 'pg:orders/**', operations: [drop], effect: deny }
`;

const GATE = `apiVersion: writ/v1
kind: ApprovalGate
metadata: { name: people, scope: acme }
spec: { type: human, approvers: { roles: [approver] }, quorum: 1, deadlineSeconds: 60, fallback: deny }
`;

describe('writ boundary check', () => {
  it('tells file, line, column, path and reason of every problem', async () => {
    const file = write(
      'bad.yaml',
      BOUNDARY.replace('level: 1', 'level: 9').replace('effect: permit', 'effect: allow'),
    );
    const { exit, stderr } = await writ('boundary', 'check', file);
    expect(exit).toBe(1);
    expect(stderr).toMatch(new RegExp(`^${file}:6:\\d+ WRIT-BND-002 spec\\.level: `, 'm'));
    expect(stderr).toMatch(new RegExp(`^${file}:10:\\d+ WRIT-BND-002 spec\\.rules\\[0\\]\\.effect: `, 'm'));
    expect(stderr).toContain('2 problems');
  });

  it('gives the same findings as one JSON document', async () => {
    const file = write('worse.yaml', BOUNDARY.replace('level: 1', 'level: 9'));
    const { exit, document } = await writJson<{ problems: { line: number; column: number; path: string }[] }>(
      ...['boundary', 'check', file],
    );
    expect(exit).toBe(1);
    expect(document.problems).toMatchObject([
      { line: 6, column: 10, path: 'spec.level', file, code: 'WRIT-BND-002' },
    ]);
  });

  it('tells where the syntax breaks', async () => {
    const { exit, stderr } = await writ('boundary', 'check', write('syntax.yaml', 'kind: [unclosed\n'));
    expect(exit).toBe(1);
    expect(stderr).toMatch(/syntax\.yaml:\d+:\d+ WRIT-BND-001 /);
  });

  it('finds a document fit and names its digest, which does not depend on how it is written', async () => {
    const yaml = await writJson('boundary', 'check', write('good.yaml', BOUNDARY));
    const spaced = await writJson('boundary', 'check', write('same.yaml', `# a comment\n${BOUNDARY}`));
    expect(yaml.exit).toBe(0);
    expect(yaml.document['digest']).toMatch(/^[\w-]{43}$/);
    expect(spaced.document['digest']).toBe(yaml.document['digest']);
  });

  it('checks a gate as a gate, under either name', async () => {
    const file = write('gate.yaml', GATE);
    for (const name of ['boundary', 'gate'])
      expect((await writJson(name, 'check', file)).document).toMatchObject({
        ok: true,
        kind: 'ApprovalGate',
        name: 'people',
      });
    const bad = write('bad-gate.yaml', GATE.replace('quorum: 1', 'quorum: 0'));
    expect((await writ('gate', 'check', bad)).stderr).toMatch(
      /bad-gate\.yaml:4:\d+ WRIT-BND-002 spec\.quorum/,
    );
  });

  it('publishes nothing that is not fit, before it asks who signs', async () => {
    const file = write('unfit.yaml', BOUNDARY.replace('level: 1', 'level: 9'));
    const { exit, stderr } = await writ(
      'boundary',
      'publish',
      file,
      '--as',
      'alice',
      '--home',
      folder('none'),
    );
    expect(exit).toBe(1);
    expect(stderr).toContain('WRIT-BND-002');
  });

  it('says that a file cannot be read', async () => {
    const { exit, stderr } = await writ('boundary', 'check', join(folder('nowhere'), 'x.yaml'));
    expect(exit).toBe(2);
    expect(stderr).toContain('ENOENT');
  });
});

describe('the difference of two boundaries', () => {
  const parse = (spec: object) =>
    PermissionBoundary.parse({
      apiVersion: 'writ/v1',
      kind: 'PermissionBoundary',
      metadata: { name: 'ops', scope: 'acme' },
      spec: { task: 't', level: 1, autonomy: 'bounded', default: { effect: 'deny' }, rules: [], ...spec },
    });
  const rule = (id: string, more: object = {}) => ({
    id,
    resource: '**',
    operations: ['*'],
    effect: 'permit',
    ...more,
  });

  it('is empty for the same boundary', () => {
    expect(diffBoundaries(parse({ rules: [rule('a')] }), parse({ rules: [rule('a')] }))).toEqual([]);
  });

  it('names added, removed and changed rules by their id, and settings by their field', () => {
    const before = parse({ rules: [rule('a'), rule('b')] });
    const after = parse({ level: 2, rules: [rule('b', { effect: 'deny' }), rule('c')] });
    expect(diffBoundaries(before, after)).toMatchObject([
      { change: 'changed', at: 'spec.level', before: 1, after: 2 },
      { change: 'removed', at: 'rules.a' },
      { change: 'changed', at: 'rules.b.effect', before: 'permit', after: 'deny' },
      { change: 'added', at: 'rules.c' },
    ]);
  });

  it('shows a changed order, since the first of equal rules is the one that is named', () => {
    const [one, other] = [parse({ rules: [rule('a'), rule('b')] }), parse({ rules: [rule('b'), rule('a')] })];
    expect(diffBoundaries(one, other)).toEqual([
      { change: 'moved', at: 'rules', before: ['a', 'b'], after: ['b', 'a'] },
    ]);
  });
});
