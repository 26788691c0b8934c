// Whether a signed public projection shows only what its tag allows (receipt-spec SPEC.md §3.6, §6.7 step 1).
import { canonicalizeJcs, type JsonValue } from '@writ/crypto';
import { at, isObject, readJson, textAt } from '../json.js';
import { type ForeignCheck, fails, holds } from '../report.js';
import { ALLOWLISTS, type Slot } from './allowlists.js';

const NAME = 'projection';
const IDENTIFIER = /^[A-Za-z0-9._:/-]{1,128}$/;

type Leaf = { readonly path: string; readonly value: JsonValue };

const isScalar = (value: JsonValue): boolean => typeof value !== 'object' || value === null;

/** Lists of objects are walked into; lists of scalars are values. */
const leavesOf = (value: JsonValue, path: string): readonly Leaf[] => {
  if (Array.isArray(value) && value.some((item) => !isScalar(item as JsonValue))) {
    return value.flatMap((item) => leavesOf(item as JsonValue, `${path}[]`));
  }
  if (!isObject(value)) return [{ path, value }];
  const inner = Object.entries(value);
  if (inner.length === 0 && path.endsWith('[]')) return [];
  if (inner.length === 0) return [{ path, value }];
  return inner.flatMap(([name, member]) => leavesOf(member, path === '' ? name : `${path}.${name}`));
};

const fits = ({ kind }: Slot, value: JsonValue): boolean => {
  if (kind === 'value') {
    return isScalar(value) || (Array.isArray(value) && value.every((item) => isScalar(item as JsonValue)));
  }
  if (typeof value !== 'string') return false;
  return kind === 'identifier' ? IDENTIFIER.test(value) : kind.includes(value);
};

const allowed = (tag: string, projection: JsonValue): boolean => {
  const slots = ALLOWLISTS[tag];
  const isPublic = at(projection, 'scope', 'visibility') === 'public';
  return leavesOf(projection, '').every(({ path, value }) => {
    if (path === 'projection') return true;
    const slot = slots?.get(path);
    return slot !== undefined && fits(slot, value) && (isPublic || !slot.publicOnly);
  });
};

/** The projection, `undefined` when the text is none. */
export const readProjection = (text: string | undefined): JsonValue | undefined => {
  const value = text === undefined ? undefined : readJson(text);
  return isObject(value) ? value : undefined;
};

/** Checks the projection of a jcs_v3 receipt. */
export const checkProjection = (text: string | undefined): ForeignCheck => {
  const projection = readProjection(text);
  const tag = textAt(projection, 'projection');
  if (projection === undefined || tag === undefined) {
    return fails(NAME, 'WRIT-FGN-003', 'it is not JSON text of an object that names a tag');
  }
  if (!Object.hasOwn(ALLOWLISTS, tag)) {
    return fails(NAME, 'WRIT-FGN-022', 'its tag is not known here');
  }
  if (canonicalizeJcs(projection) !== text) return fails(NAME, 'WRIT-FGN-013', 'it is not canonical JSON');
  return allowed(tag, projection)
    ? holds(NAME, 'it shows nothing that its tag does not allow')
    : fails(NAME, 'WRIT-FGN-013', 'it shows what its tag does not allow');
};
