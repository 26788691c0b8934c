// Documents of a replay: which tools have consequences, which gates are found, what is refused.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkBoundary } from '@writ/domain';
import { afterAll, describe, expect, it } from 'vitest';
import { atScope, consequentialTools, loadReplayDocuments } from './documents.js';

describe('which tools have consequences', () => {
  const boundary = checkBoundary(
    JSON.stringify({
      apiVersion: 'writ/v1',
      kind: 'PermissionBoundary',
      metadata: { name: 'b', scope: 'a.b.c' },
      spec: {
        ...{ task: 't', level: 1, autonomy: 'autonomous', clear: [], default: { effect: 'deny' } },
        rules: [
          {
            id: 'reads',
            resource: 'tool:*',
            operations: ['get_*'],
            effect: 'permit',
            reversibility: 'reversible',
            blastRadius: 'single',
          },
          {
            id: 'never',
            resource: 'tool:*',
            operations: ['get_*'],
            when: 'action.reversal == "none"',
            effect: 'deny',
          },
          { id: 'writes', resource: 'tool:*', operations: ['put'], effect: 'permit' },
        ],
      },
    }),
    'b.json',
  );

  it('is what the permitting and gating rules say; a tool that none of them covers has', () => {
    if (!boundary.ok) throw new Error(JSON.stringify(boundary.problems));
    const of = consequentialTools(boundary.boundary, []);
    expect(['get_x', 'put', 'unknown'].map(of)).toEqual([false, true, true]);
  });

  it('is what the patterns say where there are any', () => {
    if (!boundary.ok) throw new Error(JSON.stringify(boundary.problems));
    const of = consequentialTools(boundary.boundary, ['g*']);
    expect(['get_x', 'put'].map(of)).toEqual([true, false]);
  });
});

describe('the documents of a replay', () => {
  const folder = mkdtempSync(join(tmpdir(), 'writ-documents-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, document: object): string => {
    writeFileSync(join(folder, name), JSON.stringify(document));
    return join(folder, name);
  };
  const boundaryNaming = (...gates: readonly string[]) => ({
    apiVersion: 'writ/v1',
    kind: 'PermissionBoundary',
    metadata: { name: 'b', scope: 'a.b.c' },
    spec: {
      ...{ task: 't', level: 1, autonomy: 'autonomous', clear: [], default: { effect: 'deny' } },
      rules: gates.map((gate) => ({
        id: gate,
        resource: `tool:${gate}`,
        operations: ['x'],
        effect: 'gate',
        gate,
      })),
    },
  });
  const gateCalled = (name: string) => ({
    apiVersion: 'writ/v1',
    kind: 'ApprovalGate',
    metadata: { name, scope: 'a' },
    spec: {
      type: 'human',
      approvers: { roles: ['approver'] },
      quorum: 2,
      deadlineSeconds: 9,
      fallback: 'deny',
    },
  });

  it('has every gate that the boundary names: those of files, and a stand-in for the rest', () => {
    const file = write('b.json', boundaryNaming('one', 'two'));
    expect(loadReplayDocuments(file, []).standIns).toEqual(['one', 'two']);
    write('gate.json', gateCalled('one'));
    const found = loadReplayDocuments(file, []);
    expect(found.gates.map(({ metadata, spec }) => [metadata.name, spec.quorum])).toEqual([
      ['one', 2],
      ['two', 1],
    ]);
    expect(found.standIns).toEqual(['two']);
    expect(loadReplayDocuments(file, [write('other.json', gateCalled('two'))]).standIns).toEqual(['one']);
  });

  it('changes nothing of a document but its scope', () => {
    const { boundary: written } = loadReplayDocuments(write('b.json', boundaryNaming()), []);
    const moved = atScope(written, 'x.y.z');
    expect(moved.metadata).toEqual({ ...written.metadata, scope: 'x.y.z' });
    expect(moved.spec).toEqual(written.spec);
  });

  it('refuses a file of the wrong kind, and one that is not valid with the place in it', () => {
    const gate = write('g.json', gateCalled('one'));
    expect(() => loadReplayDocuments(gate, [])).toThrow(/WRIT-CLI-002.*not a PermissionBoundary/s);
    const file = write('b.json', boundaryNaming('one'));
    expect(() => loadReplayDocuments(file, [file])).toThrow(/WRIT-CLI-002.*not an ApprovalGate/s);
    const bad = write('bad.json', { ...boundaryNaming(), spec: {} });
    expect(() => loadReplayDocuments(bad, [])).toThrow(/WRIT-BND-002.*bad\.json:1:\d+/s);
  });
});
