// The genesis: makes the first event of an organisation's registry, which a root key signs.
import {
  type CommandId,
  type Digest,
  type KeyCertificate,
  type Refused,
  refused,
  Services,
  type Token,
} from '@writ/contracts';
import { draftOf } from '../draft.js';
import type { Draft } from '../recorded.js';
import type { Possession } from './registry.keys.js';
import type { RootKey } from './registry.state.js';

/** What an organisation is founded with. `id` (a UUIDv7) names the founding; `threshold` roots must agree later. */
export type Founding = {
  readonly id: CommandId;
  readonly org: Token;
  readonly roots: readonly RootKey[];
  readonly threshold: number;
  readonly registrar: KeyCertificate;
  /** Digests of the first commands that the roots agree to. */
  readonly commands?: readonly Digest[];
  readonly possession: Possession;
};

const unfit = ({ org, roots, threshold, registrar, possession }: Founding): string | undefined => {
  const kids = new Set(roots.map((root) => root.kid));
  if ((Services as readonly string[]).includes(org)) return `${org} is the name of a service`;
  if (roots.length === 0 || kids.size !== roots.length) return 'root keys must be there and distinct';
  if (threshold < 1 || threshold > roots.length) return 'the threshold must be met by the roots';
  if (registrar.role !== 'registrar' || registrar.holder !== 'registry' || registrar.scope !== org) {
    return `the registrar's key must have role registrar, holder registry and scope ${org}`;
  }
  if (kids.has(registrar.kid)) return 'one role per key: the registrar is not a root';
  return possession(registrar) ? undefined : 'the registrar does not prove possession of its key';
};

/**
 * The genesis as a draft: version 1 of `gov.ledger.registry.<org>`, to be signed by a root key and appended with
 * expectation 0. Refuses WRIT-REG-006 when the founding does not hold together.
 */
export const foundOrganisation = (founding: Founding): Draft | Refused => {
  const reason = unfit(founding);
  if (reason !== undefined) return refused('WRIT-REG-006', reason);
  const { id, org, roots, threshold, registrar, commands } = founding;
  return draftOf(
    'writ.registry.organisation-founded.v1',
    { id: `${id}.registry.0`, causationid: id, correlationid: id },
    {
      org,
      roots: [...roots],
      threshold,
      registrar,
      ...(commands === undefined ? {} : { commands: [...commands] }),
    },
  );
};
