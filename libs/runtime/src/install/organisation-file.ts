// Owns org.json: the pin that everything else is judged against. Written once, by init.
import { readFileSync } from 'node:fs';
import { KeyCertificate, PublicKeyEntry, type Refused, refused, Token } from '@writ/contracts';
import { z } from 'zod';

const Shape = z.strictObject({
  org: Token,
  roots: z.array(PublicKeyEntry).min(1).max(16),
  threshold: z.int().min(1),
  registrar: KeyCertificate.pick({ kid: true, x: true }),
  origin: z.string().min(1).max(200),
});

/** The organisation: pinned root keys, how many must sign, the first registrar, the origin line of its checkpoints. */
export type OrganisationFile = Readonly<z.infer<typeof Shape>>;

/** Reads org.json. WRIT-CLI-003 when it is missing or of another form. */
export function loadOrganisation(
  path: string,
): { readonly kind: 'organisation'; readonly organisation: OrganisationFile } | Refused {
  try {
    return { kind: 'organisation', organisation: Shape.parse(JSON.parse(readFileSync(path, 'utf8'))) };
  } catch {
    return refused('WRIT-CLI-003', path);
  }
}
