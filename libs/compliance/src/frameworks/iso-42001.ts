// ISO/IEC 42001:2023 Annex A: all 38 controls. Titles from public lists: check against the original.
import * as facts from '../facts.js';
import {
  type Control,
  control,
  evidencedBy,
  type Framework,
  implementedBy,
  notAddressed,
} from '../framework.js';

const organisation: readonly Control[] = [
  control('A.2.2', 'AI policy', evidencedBy('the part of policy that is enforced', facts.boundaries)),
  control(
    'A.2.3',
    'Alignment with other organizational policies',
    evidencedBy('gates and boundaries by scope', facts.boundaries, facts.gateDocuments),
  ),
  control(
    'A.2.4',
    'Review of the AI policy',
    evidencedBy('every change, its author and time', facts.boundaries),
  ),
  control(
    'A.3.2',
    'AI roles and responsibilities',
    implementedBy('people and roles are signed events', facts.people, facts.roles),
  ),
  control(
    'A.3.3',
    'Reporting of concerns',
    evidencedBy('anybody with the right can halt, and it is recorded', facts.halts),
  ),
  control(
    'A.4.2',
    'Resource documentation',
    evidencedBy('agents, environments and boundaries', facts.registrations, facts.scopes, facts.environments),
  ),
  ...notAddressed('A.4.3'),
  control('A.4.4', 'Tooling resources', implementedBy('tools are registered with their digest', facts.tools)),
  ...notAddressed('A.4.5', 'A.4.6'),
  control(
    'A.5.2',
    'AI system impact assessment process',
    evidencedBy('reversibility and blast radius of each action', facts.decisions),
  ),
  ...notAddressed('A.5.3', 'A.5.4', 'A.5.5', 'A.6.1.2', 'A.6.1.3', 'A.6.2.2', 'A.6.2.3'),
];

const operation: readonly Control[] = [
  control(
    'A.6.2.4',
    'Verification and validation',
    evidencedBy('outcomes are verified or contradicted', facts.verifications, facts.plans),
  ),
  control(
    'A.6.2.5',
    'Deployment',
    evidencedBy('autonomy is promoted on evidence only', facts.promotions, facts.demotions),
  ),
  control(
    'A.6.2.6',
    'AI system operation and monitoring',
    implementedBy(
      'decision, anomaly, containment, halt',
      facts.decisions,
      facts.flags,
      facts.floods,
      facts.containment,
      facts.halts,
    ),
  ),
  ...notAddressed('A.6.2.7'),
  control(
    'A.6.2.8',
    'AI system recording of event logs',
    implementedBy('every signed event', facts.allFacts),
  ),
  ...notAddressed('A.7.2', 'A.7.3', 'A.7.4'),
  control('A.7.5', 'Data provenance', evidencedBy('evidence by source, time and digest', facts.decisions)),
  ...notAddressed('A.7.6', 'A.8.2'),
  control('A.8.3', 'External reporting', evidencedBy('signed exports of what is recorded', facts.receipts)),
  control(
    'A.8.4',
    'Communication of incidents',
    evidencedBy('halts, who confirmed, who released', facts.halts, facts.confirmations, facts.releases),
  ),
  ...notAddressed('A.8.5'),
];

const use: readonly Control[] = [
  control(
    'A.9.2',
    'Processes for responsible use of AI systems',
    implementedBy('gates before what cannot be undone', facts.gates, facts.votes, facts.frozenGates),
  ),
  control(
    'A.9.3',
    'Objectives for responsible use',
    evidencedBy('criteria and benchmarks', facts.criteria, facts.benchmarks),
  ),
  control(
    'A.9.4',
    'Intended use of the AI system',
    implementedBy('the task and the boundary of each agent', facts.boundaries),
  ),
  control(
    'A.10.2',
    'Allocating responsibilities',
    implementedBy('one owner per agent', facts.registrations, facts.owners),
  ),
  control('A.10.3', 'Suppliers', evidencedBy('tools of others are pinned by digest', facts.tools)),
  control(
    'A.10.4',
    'Customers',
    evidencedBy('receipts that can be handed over; erasure is on record', facts.receipts, facts.erasures),
  ),
];

export const iso42001: Framework = {
  id: 'iso-42001',
  title: 'ISO/IEC 42001:2023 Annex A',
  original: true,
  controls: [...organisation, ...operation, ...use],
};
