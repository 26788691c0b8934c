// The sample organisation: who there is, what the agent may do, and how it is set up the first time and found again later.
import { existsSync } from 'node:fs';
import { ApprovalGate, PermissionBoundary, type RegistryAction } from '@writ/contracts';
import { checkBoundary, checkGate } from '@writ/domain';
import { addAgent, addPerson, initInstallation, installPaths, RuntimeFault } from '@writ/runtime';
import type { PersonConnection } from '../person/connect.js';
import { sampleDocuments } from './documents.js';
import { Sample } from './names.js';
import { recorded } from './people.js';

const must = <T extends { readonly kind: string }>(done: T): Exclude<T, { kind: 'refused' }> => {
  if (done.kind !== 'refused') return done as Exclude<T, { kind: 'refused' }>;
  const { code, reason } = done as unknown as { code: never; reason: string };
  throw new RuntimeFault(code, reason);
};

/** Makes the installation of the sample unless it is there. Keys and permissions only; nothing runs yet. */
export const prepareSample = async (
  home: string,
): Promise<{ readonly actions: readonly RegistryAction[]; readonly isNew: boolean }> => {
  const isNew = !existsSync(installPaths(home).orgFile);
  if (isNew)
    must(
      initInstallation({
        home,
        org: Sample.org,
        admin: Sample.admin,
        environments: [{ project: 'shop', environment: 'prod' }],
      }),
    );
  const { agent, admin, approver, oncall, environment, org } = Sample;
  const added = [
    must(
      await addPerson(home, { person: approver, grants: [{ role: 'approver', scope: org }], haltScopes: [] }),
    ),
    must(
      await addPerson(home, {
        person: oncall,
        grants: [{ role: 'operator', scope: environment }],
        haltScopes: [environment],
      }),
    ),
    must(await addAgent(home, { agent, owner: admin })),
  ];
  return { actions: added.map((one) => one.action), isNew };
};

const documents = (): readonly RegistryAction[] => {
  const texts = sampleDocuments();
  const gate = checkGate(texts.gate, 'gate.yaml');
  const boundary = checkBoundary(texts.boundary, 'boundary.yaml');
  if (!gate.ok || !boundary.ok)
    throw new RuntimeFault('WRIT-BND-002', 'a document of the sample is not valid');
  return [
    { do: 'publish-gate', gate: ApprovalGate.parse(gate.gate) },
    { do: 'publish-boundary', boundary: PermissionBoundary.parse(boundary.boundary) },
  ];
};

/** Registers people, agent and documents. What is there already from an earlier run stays. */
export const registerSample = async (
  admin: PersonConnection,
  actions: readonly RegistryAction[],
): Promise<void> => {
  for (const action of [...actions, ...documents()]) {
    const answer = await admin.command('registry', action);
    if (answer.kind === 'refused' && answer.code === 'WRIT-REG-003') continue;
    recorded(answer);
  }
};
