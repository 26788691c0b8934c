// Why a ledger message is junk or void: codes, titles and next steps. Frame-level codes stand in @writ/contracts.

/** The codes that admission adds to the WRIT-FRM family. Same shape as `Codes` of @writ/contracts. */
export const AdmissionCodes = {
  'WRIT-ADM-001': {
    title: 'not a ledger subject',
    next: 'nothing of Writ writes there; look who may publish',
  },
  'WRIT-ADM-002': {
    title: 'the event type does not belong to the subject',
    next: 'look who may publish there',
  },
  'WRIT-ADM-003': {
    title: 'not the next version of its subject',
    next: 'a replay or a stale copy; it has no effect',
  },
  'WRIT-ADM-004': {
    title: 'not linked to the head of its subject',
    next: 'it has no effect; look who wrote it',
  },
  'WRIT-ADM-005': { title: "not the next of its agent's chain", next: 'it has no effect; look who wrote it' },
  'WRIT-ADM-006': { title: 'the fact is recorded already', next: 'nothing; a fact counts once by its id' },
  'WRIT-ADM-007': { title: 'the event claims to have seen what came after it', next: 'look who wrote it' },
  'WRIT-ADM-008': {
    title: 'this version does not know the event type',
    next: 'update this part of the plane',
  },
  'WRIT-ADM-009': { title: 'the source is not the service of the key', next: 'look who wrote it' },
  'WRIT-ADM-010': { title: 'the genesis does not name the pinned root key', next: 'check the pinned root' },
} as const;

/** A code of admission: its own, or one of the frame family. */
export type AdmissionCode =
  | keyof typeof AdmissionCodes
  | 'WRIT-FRM-005'
  | 'WRIT-FRM-006'
  | 'WRIT-FRM-007'
  | 'WRIT-FRM-008'
  | 'WRIT-FRM-009';
