// EU AI Act, the articles that records of agents bear on. Titles in short: check against the original.
import * as facts from '../facts.js';
import { control, evidencedBy, type Framework, implementedBy } from '../framework.js';

export const euAiAct: Framework = {
  id: 'eu-ai-act',
  title: 'EU AI Act (Regulation (EU) 2024/1689), Articles 12, 14, 19, 26',
  original: true,
  controls: [
    control(
      'Art. 12',
      'Record keeping',
      implementedBy('events are recorded as they happen, signed and chained', facts.allFacts),
    ),
    control(
      'Art. 14',
      'Human oversight',
      implementedBy(
        'people approve, halt and release',
        facts.gates,
        facts.votes,
        facts.overrides,
        facts.halts,
        facts.releases,
      ),
      evidencedBy('state is kept over a halt', facts.preservedState, facts.confirmations),
    ),
    control(
      'Art. 19',
      'Automatically generated logs',
      implementedBy('the ledger keeps every event', facts.allFacts),
    ),
    control(
      'Art. 26',
      'Obligations of deployers',
      evidencedBy(
        'use within the declared boundary, monitoring, suspension',
        facts.boundaries,
        facts.decisions,
        facts.flags,
        facts.halts,
      ),
      evidencedBy('who is responsible', facts.registrations, facts.owners, facts.people),
    ),
  ],
};
