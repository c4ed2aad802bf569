// The rule of the layout (docs/architecture.md): who may import whom. `core` is what a job is and imports nothing;
// everything points towards it; `postgres` and `rabbitmq` never meet; the apps join them.

/** What each of our libraries may import, besides Node's own modules: libraries of ours, npm packages. */
const MAY_IMPORT = {
  core: { ours: [], npm: [] },
  contracts: { ours: [], npm: ['@nestjs/swagger', 'class-validator', 'class-transformer'] },
  views: { ours: ['core', 'contracts'], npm: [] },
  postgres: { ours: ['core', 'contracts', 'views'], npm: ['typeorm', 'pg'] },
  rabbitmq: { ours: ['core', 'contracts'], npm: ['amqplib', '@nestjs/.*', 'rxjs'] },
  sdk: {
    ours: ['core', 'client'],
    npm: ['@nestjs/.*', 'typeorm', 'class-validator', 'class-transformer', 'ipaddr[.]js', '@standard-schema/spec', 'croner'],
  },
  storage: { ours: ['core', 'sdk'], npm: ['.*'] },
  isolation: { ours: ['core', 'postgres'], npm: ['typeorm'] },
  host: {
    ours: ['core', 'contracts', 'postgres', 'rabbitmq', 'sdk', 'isolation'],
    npm: ['@nestjs/.*', 'class-validator', 'jose', 'pino', 'secure-json-parse', 'typeorm'],
  },
  client: { ours: [], npm: [] },
  nest: { ours: ['core', 'contracts', 'views', 'postgres', 'rabbitmq', 'sdk', 'host', 'notifications', 'storage'], npm: ['@nestjs/.*', 'typeorm'] },
  jobs: { ours: ['sdk'], npm: ['.*'] },
  notifications: { ours: ['core', 'contracts', 'views', 'sdk', 'host', 'storage'], npm: ['.*'] },
};

const TEST = '[.](spec|int-spec|e2e|chaos)[.]ts$|/testing/|^test/';
const anyOf = (names) => `(${names.join('|')})`;

/** One rule for our libraries, one for npm's packages. */
function boundaries([lib, { ours, npm }]) {
  const from = { path: `^libs/${lib}/src/`, pathNot: TEST };
  const rules = [
    {
      name: `${lib}-imports-of-ours`,
      comment: `${lib} may import ${ours.join(', ') || 'no other library of ours'}.`,
      severity: 'error',
      from,
      to: { path: '^(libs|apps|test|tools)/', pathNot: `^libs/${anyOf([lib, ...ours])}/` },
    },
  ];
  if (npm.includes('.*')) return rules;
  return [
    ...rules,
    {
      name: `${lib}-imports-of-npm`,
      comment: `${lib} may import ${npm.join(', ') || 'no package'}.`,
      severity: 'error',
      from,
      // Unresolved ones too: a package that is not installed is a package.
      to: {
        dependencyTypesNot: ['core', 'local', 'aliased', 'aliased-tsconfig', 'aliased-tsconfig-paths'],
        pathNot: npm.length ? `(^|node_modules/)(@types/)?${anyOf(npm)}(/|$)` : '^$',
      },
    },
  ];
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(MAY_IMPORT).flatMap(boundaries),
    {
      name: 'library-without-a-row',
      comment: 'Every library has a row in MAY_IMPORT.',
      severity: 'error',
      from: { path: '^libs/', pathNot: `^libs/${anyOf(Object.keys(MAY_IMPORT))}/` },
      to: {},
    },
    {
      name: 'client-stands-alone',
      comment: 'It is used in browsers and in other services: no package, and nothing of ours.',
      severity: 'error',
      from: { path: '^libs/client/src/', pathNot: TEST },
      to: { pathNot: '^libs/client/src/' },
    },
    {
      name: 'cli-speaks-http-only',
      comment: 'The command line is a client like any other.',
      severity: 'error',
      from: { path: '^apps/cli/', pathNot: TEST },
      to: { path: '^libs/', pathNot: '^libs/client/src/index[.]ts$' },
    },
    {
      name: 'console-speaks-http-only',
      comment: 'The console is a client like any other; its types come from the OpenAPI document.',
      severity: 'error',
      from: { path: '^apps/console/' },
      to: { path: '^(libs|apps|test|tools)/', pathNot: '^apps/console/' },
    },
    {
      name: 'console-screens-do-not-meet',
      comment: 'A screen is loaded by itself. What two need is a part, a word or a query.',
      severity: 'error',
      from: { path: '^apps/console/src/screens/([^/]+)/' },
      to: { path: '^apps/console/src/screens/', pathNot: '^apps/console/src/screens/$1/' },
    },
    {
      name: 'tests-of-jobs-import-the-sdk-and-testing',
      comment: "A job's test needs what a job needs, and the /testing entries.",
      severity: 'error',
      from: { path: '^libs/jobs/src/.*(spec[.]ts$|/testing/)' },
      to: { path: '^(libs|apps)/', pathNot: '^libs/(jobs|sdk|client|storage)/|^libs/[a-z]+/src/testing/' },
    },
    {
      name: 'libs-do-not-import-apps',
      comment: 'Apps compose libraries, not the other way round. Tests included.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'apps-do-not-meet',
      comment: 'Apps talk over the wire only.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'only-through-the-front-door',
      comment: 'Of another library only index.ts, or another entry that tsconfig.json names.',
      severity: 'error',
      from: { path: '^(?:libs|apps)/([^/]+)/' },
      to: { path: '^libs/[^/]+/src/', pathNot: '^libs/$1/|^libs/[^/]+/src/((testing|processes|config|schemas)/)?index[.]ts$' },
    },
    {
      name: 'only-through-the-front-door-from-tests',
      severity: 'error',
      from: { path: '^test/' },
      to: { path: '^libs/[^/]+/src/', pathNot: '^libs/[^/]+/src/((testing|config)/)?index[.]ts$' },
    },
    {
      name: 'no-tests-in-production',
      comment: 'What is only for tests is not loaded by what is shipped.',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: TEST },
      to: { path: TEST },
    },
    {
      name: 'no-test-tools-in-production',
      severity: 'error',
      // The console is bundled: nothing is loaded from node_modules.
      from: { path: '^(libs|apps)/', pathNot: `${TEST}|^apps/console/` },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycles',
      comment: 'At runtime or in types: two files that need each other are one, or three.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'Nothing imports it and it imports nothing: is it used?',
      severity: 'error',
      from: { orphan: true, path: '^(libs|apps)/', pathNot: `${TEST}|[.]d[.]ts$` },
      to: {},
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      // Of the console tsc and its bundler say so.
      from: { pathNot: '^apps/console/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.mts', '.js', '.mjs', '.json'],
    },
  },
};
