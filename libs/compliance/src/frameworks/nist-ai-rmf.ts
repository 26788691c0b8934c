// NIST AI Risk Management Framework 1.0: all 72 subcategories. Wording from public lists: check against the original.
import * as facts from '../facts.js';
import {
  type Control,
  control,
  evidencedBy,
  type Framework,
  implementedBy,
  notAddressed,
} from '../framework.js';

const govern: readonly Control[] = [
  ...notAddressed('GOVERN 1.1'),
  control(
    'GOVERN 1.2',
    'Policies',
    implementedBy('policy is published as signed documents', facts.boundaries, facts.gateDocuments),
  ),
  control(
    'GOVERN 1.3',
    'Risk tolerance',
    implementedBy('the autonomy step of an agent is set by events', facts.promotions, facts.demotions),
  ),
  control(
    'GOVERN 1.4',
    'Transparent policies and controls',
    implementedBy('every action has its receipt', facts.receipts),
  ),
  control(
    'GOVERN 1.5',
    'Ongoing monitoring and review',
    evidencedBy('conduct is watched, flags are recorded', facts.flags, facts.containment),
  ),
  control(
    'GOVERN 1.6',
    'Inventory',
    implementedBy('agents are registered before they may do anything', facts.registrations),
  ),
  control(
    'GOVERN 1.7',
    'Decommissioning',
    implementedBy('retirement is an event and ends all rights', facts.retirements),
  ),
  control(
    'GOVERN 2.1',
    'Roles and responsibilities',
    implementedBy('roles are granted by signed events', facts.roles, facts.people),
  ),
  ...notAddressed('GOVERN 2.2'),
  control(
    'GOVERN 2.3',
    'Leadership accountability',
    evidencedBy('an override or the adoption of a ledger names the person', facts.overrides, facts.adoptions),
  ),
  ...notAddressed('GOVERN 3.1'),
  control(
    'GOVERN 3.2',
    'Human-AI oversight roles',
    implementedBy('who may approve what is declared and recorded', facts.gates, facts.votes),
  ),
  ...notAddressed('GOVERN 4.1', 'GOVERN 4.2'),
  control(
    'GOVERN 4.3',
    'Testing, incidents',
    evidencedBy('drills are recorded with their result', facts.drills),
  ),
  ...notAddressed('GOVERN 5.1', 'GOVERN 5.2', 'GOVERN 6.1', 'GOVERN 6.2'),
];

const map: readonly Control[] = [
  ...notAddressed('MAP 1.1', 'MAP 1.2', 'MAP 1.3', 'MAP 1.4'),
  control(
    'MAP 1.5',
    'Risk tolerances',
    evidencedBy('limits and levels stand in the boundary', facts.boundaries),
  ),
  ...notAddressed('MAP 1.6', 'MAP 2.1', 'MAP 2.2', 'MAP 2.3', 'MAP 3.1', 'MAP 3.2'),
  control(
    'MAP 3.3',
    'Application scope',
    implementedBy('task, resources and operations of each agent', facts.boundaries),
  ),
  ...notAddressed('MAP 3.4'),
  control(
    'MAP 3.5',
    'Human oversight processes',
    implementedBy('gates are declared documents', facts.gateDocuments, facts.gates),
  ),
  ...notAddressed('MAP 4.1'),
  control(
    'MAP 4.2',
    'Internal risk controls',
    evidencedBy('decisions name the rule and the boundary', facts.decisions),
  ),
  control(
    'MAP 5.1',
    'Likelihood and magnitude',
    evidencedBy('reversibility and blast radius of each action', facts.decisions),
  ),
  ...notAddressed('MAP 5.2'),
];

const measure: readonly Control[] = [
  control(
    'MEASURE 1.1',
    'Metrics chosen',
    implementedBy('criteria for autonomy are published', facts.criteria),
  ),
  ...notAddressed('MEASURE 1.2', 'MEASURE 1.3', 'MEASURE 2.1', 'MEASURE 2.2', 'MEASURE 2.3'),
  control(
    'MEASURE 2.4',
    'Monitored in production',
    implementedBy('detectors watch every decision', facts.flags, facts.benchmarks),
  ),
  ...notAddressed('MEASURE 2.5'),
  control(
    'MEASURE 2.6',
    'Fails safely',
    implementedBy('without authority nothing is executed', facts.denials, facts.withheld),
  ),
  control(
    'MEASURE 2.7',
    'Security and resilience',
    evidencedBy('what was refused, and why', facts.denials, facts.keys),
  ),
  control(
    'MEASURE 2.8',
    'Transparency and accountability',
    implementedBy('receipts that anybody can verify', facts.receipts, facts.outcomes),
  ),
  ...notAddressed('MEASURE 2.9', 'MEASURE 2.10', 'MEASURE 2.11', 'MEASURE 2.12', 'MEASURE 2.13'),
  control(
    'MEASURE 3.1',
    'Emergent risks tracked',
    evidencedBy('anomalies are recorded as they are seen', facts.flags),
  ),
  ...notAddressed('MEASURE 3.2', 'MEASURE 3.3', 'MEASURE 4.1', 'MEASURE 4.2', 'MEASURE 4.3'),
];

const manage: readonly Control[] = [
  ...notAddressed('MANAGE 1.1', 'MANAGE 1.2'),
  control('MANAGE 1.3', 'Responses', implementedBy('the containment ladder', facts.containment)),
  ...notAddressed('MANAGE 1.4', 'MANAGE 2.1', 'MANAGE 2.2'),
  control(
    'MANAGE 2.3',
    'Unknown risks',
    evidencedBy('an anomaly contains the agent', facts.flags, facts.containment),
  ),
  control(
    'MANAGE 2.4',
    'Supersede, disengage, deactivate',
    implementedBy(
      'halts, confirmed by the agents, and signed releases',
      facts.halts,
      facts.confirmations,
      facts.releases,
    ),
  ),
  ...notAddressed('MANAGE 3.1', 'MANAGE 3.2'),
  control(
    'MANAGE 4.1',
    'Post-deployment monitoring, override, incident response',
    implementedBy('halts, overrides and drills', facts.halts, facts.overrides, facts.drills),
    evidencedBy('outcomes and how they were verified', facts.outcomes, facts.verifications),
  ),
  control(
    'MANAGE 4.2',
    'Continual improvement',
    evidencedBy(
      'boundaries and autonomy change by evidence',
      facts.boundaries,
      facts.promotions,
      facts.demotions,
    ),
  ),
  control(
    'MANAGE 4.3',
    'Incidents communicated',
    evidencedBy('halts and their causes are on record', facts.halts),
  ),
];

export const nistAiRmf: Framework = {
  id: 'nist-ai-rmf',
  title: 'NIST AI RMF 1.0',
  original: true,
  controls: [...govern, ...map, ...measure, ...manage],
};
