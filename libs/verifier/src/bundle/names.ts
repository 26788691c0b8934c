// The names of a bundle's files (docs/reference/bundle.md, 5).

/** Every file that a bundle can have. */
export const BundleFiles = {
  manifest: 'manifest.json',
  messages: 'messages.ndjson',
  checkpoint: 'checkpoint.txt',
  proofs: 'proofs.ndjson',
  heads: 'heads.json',
  disclosures: 'disclosures.ndjson',
  erased: 'erased.ndjson',
  readme: 'README.md',
} as const;
