// Owns the choice of where gates, halts and agents come from: the read model where it answers, else the ledger itself.

import type { RegistryState } from '@writ/domain';
import { agents, conductOf } from '@writ/domain';
import { isUnreachable } from '../fault.js';
import { type Api, listAll, openApi } from './api.js';
import type { PlaneView } from './fold.js';
import { type GateFacts, gatesInApi, gatesInView } from './gates.js';
import { type HaltFacts, haltsInApi, haltsInView } from './halts.js';
import { readPlane } from './ledger-view.js';

/** An agent as it stands. */
export type AgentFacts = {
  readonly scope: string;
  readonly owner: string | null;
  readonly status: string;
  readonly containment: string;
  readonly halted: boolean;
};

/** How far the source has read. `digest` is the read model's checkpoint. */
export type HeadFacts = { readonly seq: number; readonly junk: number };

/** The plane as it stands, and who says so. */
export type Snapshot = {
  readonly source: 'read-model' | 'ledger';
  readonly head: HeadFacts;
  readonly agents: readonly AgentFacts[];
  readonly gates: readonly GateFacts[];
  readonly halts: readonly HaltFacts[];
};

/** Asks the read model with `fromApi`; where it does not answer, or `ledger` is set, folds the ledger and asks `fromView`. */
export async function askEither<T>(
  home: string,
  ledger: boolean,
  fromApi: (api: Api) => Promise<T>,
  fromView: (view: PlaneView) => T,
): Promise<T> {
  const api = ledger ? undefined : openApi(home);
  if (api !== undefined) {
    try {
      return await fromApi(api);
    } catch (error) {
      if (!isUnreachable(error)) throw error;
    }
  }
  return fromView(await readPlane(home));
}

/** Everything that `writ status` shows. */
export function takeSnapshot(home: string, ledger: boolean): Promise<Snapshot> {
  return askEither(home, ledger, snapshotOfApi, snapshotOfView);
}

type ApiAgent = AgentFacts & { readonly kind: string };

async function snapshotOfApi(api: Api): Promise<Snapshot> {
  const [head, agentList, gates, halts] = await Promise.all([
    api.get<HeadFacts>('/v1/ledger/head'),
    listAll<ApiAgent>(api, '/v1/agents'),
    gatesInApi(api, '', 'open'),
    haltsInApi(api),
  ]);
  const named = agentList.filter(({ kind }) => kind === 'agent');
  return {
    source: 'read-model',
    head: { seq: head?.seq ?? 0, junk: head?.junk ?? 0 },
    agents: named.map(({ scope, owner, status, containment, halted }) => ({
      scope,
      owner,
      status,
      containment,
      halted,
    })),
    ...{ gates, halts },
  };
}

function snapshotOfView(view: PlaneView): Snapshot {
  const halts = haltsInView(view);
  return {
    source: 'ledger',
    head: { seq: view.position, junk: view.junk },
    agents: agentsOf(view, view.registry, halts),
    gates: gatesInView(view).filter(({ status }) => status === 'open' || status === 'frozen'),
    halts,
  };
}

function agentsOf(
  view: PlaneView,
  registry: RegistryState,
  halts: readonly HaltFacts[],
): readonly AgentFacts[] {
  return agents(registry, registry.org ?? '').map(({ agent, owner, status }) => {
    const conduct = view.conduct.get(agent.split('.').slice(0, 3).join('.'));
    const halted = halts.some(
      ({ scope, tool }) => tool === null && (agent === scope || agent.startsWith(`${scope}.`)),
    );
    const containment = conduct === undefined ? 'none' : conductOf(conduct, agent).containment.level;
    return { scope: agent, owner, status, containment, halted };
  });
}
