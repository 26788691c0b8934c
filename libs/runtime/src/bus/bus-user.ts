// Owns the shape of a user of the bus. Types only.

/** Allow lists of one user. `publishDeny` takes away from `publish`; only services have it. */
export type Permissions = {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  readonly publishDeny?: readonly string[];
};

/** PLANE: services, agents, people. READERS: whoever only reads; it holds no JetStream and reaches the ledger by two imports. */
export type BusAccount = 'PLANE' | 'READERS';

/** One user of the bus. `name` owns the inbox `_INBOX.<name>.>`: `acme.shop.prod.bot`, `oncall`, `decision`, `bootstrap`. */
export type BusUser = {
  readonly account: BusAccount;
  readonly name: string;
  readonly nkey: string;
  readonly permissions: Permissions;
};
