// OWASP Top 10 for Agentic Applications 2026. Ids and names as published.
import * as facts from '../facts.js';
import { control, evidencedBy, type Framework, implementedBy } from '../framework.js';

export const owaspAgentic: Framework = {
  id: 'owasp-agentic',
  title: 'OWASP Top 10 for Agentic Applications 2026',
  original: false,
  controls: [
    control(
      'ASI01',
      'Agent Goal Hijack',
      implementedBy(
        'each intent carries goal and triggering prompt digest and is decided before it acts',
        facts.decisions,
      ),
      evidencedBy('departures from an agent’s history are flagged', facts.flags),
    ),
    control(
      'ASI02',
      'Tool Misuse and Exploitation',
      implementedBy(
        'resource, operation, arguments and counts are held against the boundary',
        facts.decisions,
        facts.withheld,
      ),
    ),
    control(
      'ASI03',
      'Identity and Privilege Abuse',
      implementedBy(
        'every agent has one key and one owner',
        facts.registrations,
        facts.retirements,
        facts.keys,
      ),
      implementedBy(
        'rights are narrowed by signed boundaries and delegations',
        facts.boundaries,
        facts.delegations,
      ),
    ),
    control(
      'ASI04',
      'Agentic Supply Chain Vulnerabilities',
      implementedBy('tool manifests are pinned by digest', facts.tools),
      evidencedBy('boundaries are content-addressed and signed', facts.boundaries),
    ),
    control(
      'ASI05',
      'Unexpected Code Execution (RCE)',
      evidencedBy('calls of tools that no boundary covers are denied', facts.denials),
    ),
    control(
      'ASI06',
      'Memory & Context Poisoning',
      evidencedBy('evidence is recorded by digest, stale input is denied', facts.decisions),
    ),
    control(
      'ASI07',
      'Insecure Inter-Agent Communication',
      implementedBy('intents are signed by the agent’s own key', facts.decisions),
      evidencedBy('delegation is an event with a chain', facts.delegations),
    ),
    control(
      'ASI08',
      'Cascading Failures',
      implementedBy(
        'limits, containment and halts of a whole scope',
        facts.denials,
        facts.containment,
        facts.halts,
        facts.floods,
      ),
    ),
    control(
      'ASI09',
      'Human-Agent Trust Exploitation',
      implementedBy('people vote with their own keys on exactly what will be done', facts.gates, facts.votes),
      evidencedBy('conduct at gates is flagged', facts.flags),
    ),
    control(
      'ASI10',
      'Rogue Agents',
      implementedBy(
        'anomalies contain an agent; a halt stops it and only people release it',
        facts.flags,
        facts.containment,
        facts.halts,
        facts.confirmations,
        facts.releases,
      ),
    ),
  ],
};
