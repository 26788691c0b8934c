// Owns the Postgres role that keeps the read model's tables, so that no service holds the superuser's password. PostgreSQL >= 16: it
// may make and change the read model's two roles, and has no right in the vault.
import { withClient } from '@writ/runtime';

const OWNER = 'writ_read_model';

/** Makes or refreshes the role in the database of `adminUrl`; returns its address, which holds its password. */
export const ensureReadModelOwner = async (adminUrl: string, password: string): Promise<string> => {
  const url = new URL(adminUrl);
  await withClient(adminUrl, async (client) => {
    const found = await client.query('select 1 from pg_roles where rolname = $1', [OWNER]);
    const verb = found.rowCount === 0 ? 'create' : 'alter';
    const rights = 'login noinherit nosuperuser nocreatedb createrole';
    await client.query(`${verb} role ${OWNER} ${rights} password ${client.escapeLiteral(password)}`);
    const database = client.escapeIdentifier(decodeURIComponent(url.pathname.slice(1)));
    await client.query(`grant connect, create on database ${database} to ${OWNER}`);
  });
  url.username = OWNER;
  url.password = password;
  return url.toString();
};
