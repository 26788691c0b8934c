// The README of a bundle: what it is and what an auditor types. It claims nothing that the verifier does not check.
import type { BundleManifestData } from '@writ/contracts';
import { notShownBy } from './query.js';

const asked = (query: BundleManifestData['query']): string => {
  switch (query.kind) {
    case 'full':
      return 'the whole ledger as it was then';
    case 'range':
      return `messages ${query.from} to ${query.to}, and the registry`;
    case 'subject':
      return `everything about the agent ${query.agent}, the registry, and what concerns its whole environment`;
    case 'sample':
      return `${query.count} messages drawn by the checkpoint's own root${query.intents ? ' with all of their correlations' : ''}, and the registry`;
  }
};

const sealed = ({ checkpoint }: Pick<BundleManifestData, 'checkpoint'>): string =>
  checkpoint === null
    ? 'There is no checkpoint in it: nothing in it says that its end was not cut off.'
    : `It rests on the checkpoint in checkpoint.txt: ${checkpoint.size} messages, root ${checkpoint.root}.
Compare that with a checkpoint of the same size from a witness, or from another copy of this ledger.`;

/** The text of README.md. */
export const readmeText = (data: Omit<BundleManifestData, 'files'>): string => {
  const warnings = notShownBy(data.bundle).map((text) => `\n**Note:** ${text}.\n`);
  return `# Bundle of the ledger ${data.origin}

This folder holds ${asked(data.query)}: ${data.counts.messages} messages of the organisation ${data.org}.

${sealed(data)}
${warnings.join('')}
## What you need

1. Node.js 20.19 or later and the \`writ\` command. No network; no server is asked.
2. Your trust page, \`trust.json\`, that you got by another way than this folder: the organisation's root keys, how many of them must agree, the ledger's origin, the witnesses that you believe.

## What you type

    writ verify . --trust trust.json

With a checkpoint that a witness or another copy gave you, and asking for more than the sealer's word:

    writ verify . --trust trust.json --outside checkpoint-of-the-witness.txt --require witnessed

## What it says

Two verdicts. Record: INVALID, DIVERGED, UNANCHORED, SEALED or WITNESSED. Authority: WITHIN, VIOLATION or UNDETERMINED. The exit status is 0 when nothing was found, 1 for an INVALID record, 2 for a VIOLATION, 3 for UNDETERMINED, 4 for DIVERGED, 5 when it is weaker than
\`--require\`, 64 for wrong usage, 70 for an error of the verifier itself. Every finding has a code, a reason and what to do next; \`--json\` gives all of it to a program.

Every file here is named with its SHA-256 in manifest.json, this one too: any change of any of them is found.
`;
};
