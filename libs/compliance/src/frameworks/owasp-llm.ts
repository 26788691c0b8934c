// OWASP Top 10 for LLM Applications 2025. Ids and names as published; most of them lie outside what a control plane sees.
import * as facts from '../facts.js';
import { control, evidencedBy, type Framework, implementedBy } from '../framework.js';

export const owaspLlm: Framework = {
  id: 'owasp-llm',
  title: 'OWASP Top 10 for LLM Applications 2025',
  original: false,
  controls: [
    control('LLM01', 'Prompt Injection'),
    control('LLM02', 'Sensitive Information Disclosure'),
    control('LLM03', 'Supply Chain', evidencedBy('tool manifests are pinned by digest', facts.tools)),
    control('LLM04', 'Data and Model Poisoning'),
    control('LLM05', 'Improper Output Handling'),
    control(
      'LLM06',
      'Excessive Agency',
      implementedBy(
        'what an agent may do is bounded; consequential actions wait for people',
        facts.boundaries,
        facts.decisions,
        facts.gates,
        facts.receipts,
      ),
    ),
    control('LLM07', 'System Prompt Leakage'),
    control('LLM08', 'Vector and Embedding Weaknesses'),
    control('LLM09', 'Misinformation'),
    control(
      'LLM10',
      'Unbounded Consumption',
      implementedBy('counters, rates and shed floods', facts.denials, facts.floods),
      evidencedBy('rates out of the ordinary are flagged', facts.flags),
    ),
  ],
};
