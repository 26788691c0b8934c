// The face of @writ/compliance: frameworks as data, a report over them, two forms of it. It asks nobody and writes nothing.
import { type Framework, type FrameworkId, FrameworkIds } from './framework.js';
import { euAiAct } from './frameworks/eu-ai-act.js';
import { iso42001 } from './frameworks/iso-42001.js';
import { nistAiRmf } from './frameworks/nist-ai-rmf.js';
import { owaspAgentic } from './frameworks/owasp-agentic.js';
import { owaspLlm } from './frameworks/owasp-llm.js';

export { allFacts } from './facts.js';
export {
  type Control,
  type Framework,
  type FrameworkId,
  FrameworkIds,
  type Relation,
  Relations,
  type Row,
} from './framework.js';
export { toHtml } from './render/html.js';
export { toMarkdown } from './render/markdown.js';
export {
  type ComplianceReport,
  type Evidence,
  type Period,
  type ReportControl,
  type ReportRow,
  reportOn,
  type Sample,
} from './report.js';

/** Every framework by its id. */
export const frameworks: { readonly [I in FrameworkId]: Framework } = {
  'owasp-agentic': owaspAgentic,
  'owasp-llm': owaspLlm,
  'nist-ai-rmf': nistAiRmf,
  'iso-42001': iso42001,
  'eu-ai-act': euAiAct,
};

/** Whether a text names a framework. */
export const isFrameworkId = (text: string): text is FrameworkId =>
  (FrameworkIds as readonly string[]).includes(text);
