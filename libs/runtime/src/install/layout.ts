// Owns the places of an installation's own files beyond `HomePaths`. Pure.
import { basename, join } from 'node:path';
import { type HomePaths, homePaths } from '../home.js';

/** Paths of an installation, the roster's and the auditors' included. */
export type InstallPaths = HomePaths & {
  /** Public names and NATS keys of everyone on the bus. */
  readonly rosterFile: string;
  /** One writer of the roster at a time. */
  readonly rosterLock: string;
  /** Frames, one a line, that the registry appends (the genesis) and carries out (root commands) at its first start. */
  readonly bootstrapFile: string;
  /** An endorsed appointment that the registry records at its next start, with the key that it appoints. */
  readonly appointmentFile: string;
  /** A person's signed decision to go on with another ledger than the plane knew. */
  readonly adoptionFile: string;
  readonly auditorDir: (auditor: string) => string;
};

/** The paths beneath `home` (made absolute). Names must be fit for a path: WRIT-CFG-005. */
export function installPaths(home: string): InstallPaths {
  const paths = homePaths(home);
  return {
    ...paths,
    rosterFile: join(paths.root, 'roster.json'),
    rosterLock: join(paths.root, 'roster.lock'),
    bootstrapFile: join(paths.root, 'bootstrap.ndjson'),
    appointmentFile: join(paths.root, 'appointment.json'),
    adoptionFile: join(paths.root, 'adoption.message'),
    // `personDir` refuses a name that is not fit for a path.
    auditorDir: (auditor) => join(paths.root, 'auditors', basename(paths.personDir(auditor))),
  };
}
