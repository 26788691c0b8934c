// The architecture as rules: who may import whom. A violation fails CI.
/** @type {import('dependency-cruiser').IConfiguration} */
const lib = (names) => `^libs/(${names})/`;
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: lib(from), pathNot: '/test/|\\.(spec|test)\\.ts$' },
  to: { path: '^(libs|services)/', pathNot: lib([from, ...allowed].join('|')).replace(/\/$/, '/') },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    only('contracts-imports-nothing', 'contracts', []),
    only('crypto-imports-contracts', 'crypto', ['contracts']),
    only('domain-imports-contracts', 'domain', ['contracts']),
    only('ledger-direction', 'ledger', ['contracts', 'crypto', 'domain']),
    only('projections-direction', 'projections', ['contracts', 'crypto', 'domain', 'ledger']),
    only('verifier-direction', 'verifier', ['contracts', 'crypto', 'domain']),
    only('compliance-direction', 'compliance', ['contracts']),
    only('interop-direction', 'interop', ['contracts', 'crypto']),
    only('client-direction', 'client', ['contracts', 'crypto']),
    {
      name: 'no-service-imports-another',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'libs-do-not-import-services',
      severity: 'error',
      from: { path: '^libs/', pathNot: '^libs/cli/' },
      to: { path: '^services/' },
    },
    {
      name: 'nats-only-in-transports',
      severity: 'error',
      from: {
        path: '^(libs|services)/',
        pathNot: '^libs/(ledger/src/jetstream|runtime|client|testing)/|/test/',
      },
      to: { path: 'node_modules/@nats-io/' },
    },
    {
      name: 'postgres-only-in-projections-and-runtime',
      severity: 'error',
      from: { path: '^(libs|services)/', pathNot: '^libs/(projections|runtime|testing)/|/test/' },
      to: { path: 'node_modules/(pg|kysely|pg-copy-streams)/' },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      from: { path: '^libs/domain/src', pathNot: '\\.(spec|test|prop\\.test)\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'contracts-have-no-io',
      severity: 'error',
      from: { path: '^libs/contracts/src', pathNot: '^libs/contracts/src/schemas/|\\.(spec|test)\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'verifier-has-no-network',
      severity: 'error',
      from: { path: '^libs/verifier/src' },
      to: { path: '^(node:)?(net|http|https|dgram|tls|dns)$' },
    },
    {
      name: 'interop-has-no-network',
      severity: 'error',
      from: { path: '^libs/interop/src' },
      to: { path: '^(node:)?(net|http|https|dgram|tls|dns)$' },
    },
    {
      name: 'no-vague-folders',
      severity: 'error',
      from: { path: '(^|/)(utils|helpers|common|shared)(/|\\.ts$)' },
      to: {},
    },
    { name: 'no-deep-imports', severity: 'error', from: {}, to: { path: '^@writ/[^/]+/' } },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules)/.*\\.d\\.ts$|(^|/)dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['writ-src', 'import', 'node', 'default'],
      extensions: ['.ts', '.js'],
    },
  },
};
