// Which OCSF activity a fact is, per class. 99 is "other", with the fact as its name.
import { type ExportedEvent, typeParts } from './event.js';

/** The activity of an event. */
export type Activity = { readonly activity_id: number; readonly activity_name: string };

/** Entity Management: 1 create, 3 update, 4 delete, 9 disable, 12 suspend, 13 resume. By the last word of the fact. */
const ENTITY: { readonly [word: string]: number } = {
  added: 1,
  appointed: 1,
  certified: 1,
  created: 1,
  engaged: 12,
  erased: 4,
  founded: 1,
  frozen: 12,
  granted: 1,
  changed: 3,
  opened: 1,
  promoted: 3,
  demoted: 3,
  placed: 1,
  published: 1,
  registered: 1,
  released: 13,
  removed: 4,
  lifted: 4,
  retired: 9,
  revoked: 9,
  distrusted: 9,
  thawed: 13,
};

const DETECTION_FINDING = 2004;
const ENTITY_MANAGEMENT = 3004;

const idOf = (fact: string, classUid: number): number => {
  if (classUid === DETECTION_FINDING) return 1;
  const word = fact.split('-').at(-1) ?? '';
  return classUid === ENTITY_MANAGEMENT && Object.hasOwn(ENTITY, word) ? (ENTITY[word] as number) : 99;
};

/** The activity of an event in a class; API Activity knows create, read, update and delete only, so there it is always "other". */
export const activityOf = (event: ExportedEvent, classUid: number): Activity => {
  const { fact } = typeParts(event);
  return { activity_id: idOf(fact, classUid), activity_name: fact };
};
