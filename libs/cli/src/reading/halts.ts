// Owns the list of halts in force, from the read model or from the ledger. It engages and releases none.
import { haltsInForce } from '@writ/domain';
import { type Api, listAll } from './api.js';
import type { PlaneView } from './fold.js';

/** A halt in force, over all environments that it touches. `position`: the first ledger sequence at which it stands. */
export type HaltFacts = {
  readonly id: string;
  readonly scope: string;
  readonly tool: { readonly resource: string; readonly operation: string } | null;
  readonly person: string;
  readonly engagedAt: string | null;
  readonly position: number;
  readonly environments: readonly string[];
};

/** The halts in force of a verified view. */
export function haltsInView(view: PlaneView): readonly HaltFacts[] {
  return merge(
    [...view.authority].flatMap(([environment, state]) =>
      haltsInForce(state).map((halt) => ({
        ...{ id: halt.id, scope: halt.scope, tool: halt.tool ?? null, person: halt.person },
        ...{ engagedAt: halt.engagedAt, position: halt.position, environments: [environment] },
      })),
    ),
  );
}

type ApiHalt = {
  readonly environment: string;
  readonly halt_id: string;
  readonly scope: string;
  readonly tool: HaltFacts['tool'];
  readonly person: string;
  readonly engaged_at: string | null;
  readonly engaged_seq: number;
};

/** The halts that the read model has in force. */
export async function haltsInApi(api: Api): Promise<readonly HaltFacts[]> {
  const listed = await listAll<ApiHalt>(api, '/v1/halts');
  return merge(
    listed.map((halt) => ({
      ...{ id: halt.halt_id, scope: halt.scope, tool: halt.tool, person: halt.person },
      ...{ engagedAt: halt.engaged_at, position: halt.engaged_seq, environments: [halt.environment] },
    })),
  );
}

function merge(halts: readonly HaltFacts[]): readonly HaltFacts[] {
  const byId = new Map<string, HaltFacts>();
  for (const halt of halts) {
    const known = byId.get(halt.id);
    const environments = [...(known?.environments ?? []), ...halt.environments];
    byId.set(halt.id, {
      ...(known !== undefined && known.position < halt.position ? known : halt),
      environments,
    });
  }
  return [...byId.values()].sort((a, b) => a.position - b.position);
}
