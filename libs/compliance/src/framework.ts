// The shape of a framework as data: its controls, and which events say what about each. It counts nothing.

/** How a group of events stands to a control. A control without any row is not addressed. */
export const Relations = ['implements', 'provides evidence for'] as const;
export type Relation = (typeof Relations)[number];

/** One statement about a control: these events implement it, or are evidence for it, and how. */
export type Row = { readonly relation: Relation; readonly how: string; readonly types: readonly string[] };

/** A control under its exact id. `title` is null where only the original gives its wording. */
export type Control = { readonly id: string; readonly title: string | null; readonly rows: readonly Row[] };

/** `original`: the wording comes from public lists and is to be checked against the original document. */
export type Framework = {
  readonly id: FrameworkId;
  readonly title: string;
  readonly original: boolean;
  readonly controls: readonly Control[];
};

/** The frameworks by the name that `writ report --framework` takes. */
export const FrameworkIds = ['owasp-agentic', 'owasp-llm', 'nist-ai-rmf', 'iso-42001', 'eu-ai-act'] as const;
export type FrameworkId = (typeof FrameworkIds)[number];

/** These events are the control at work. */
export const implementedBy = (how: string, ...types: readonly (readonly string[])[]): Row => ({
  relation: 'implements',
  how,
  types: types.flat(),
});

/** These events are evidence for somebody else's control. */
export const evidencedBy = (how: string, ...types: readonly (readonly string[])[]): Row => ({
  relation: 'provides evidence for',
  how,
  types: types.flat(),
});

/** A control with what is said about it. */
export const control = (id: string, title: string | null, ...rows: readonly Row[]): Control => ({
  id,
  title,
  rows,
});

/** Controls about which the ledger says nothing, by id. */
export const notAddressed = (...ids: readonly string[]): readonly Control[] =>
  ids.map((id) => control(id, null));
