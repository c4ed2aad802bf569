// Sizes of test: `npm test -- --only=unit` (and `simulation`) runs without any service, integration needs PostgreSQL (and mostly
// RabbitMQ), e2e and chaos run the built apps as real processes. A project each, so that --only can choose.
// Run through `npm test`: it builds, finds the services and sets the Node flags that ES modules need under Jest.

import { laterFiles } from './tools/lib/rings.mjs';

const rootDir = import.meta.dirname;

/** Set by tools/test.mjs, where all sorts of test run and nobody has asked for certain files. */
const later = laterFiles(process.env.LONGHAUL_RING);

/** What all share. */
const shared = {
  rootDir,
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2023',
          keepClassNames: true,
        },
        module: { type: 'es6' },
      },
    ],
  },
  extensionsToTreatAsEsm: ['.ts'],
  // js before ts: the mapper below strips `.js` inside node_modules too, where packages ship both.
  moduleFileExtensions: ['js', 'mjs', 'cjs', 'ts', 'json', 'node'],
  moduleNameMapper: {
    '^@app/([a-z]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^@app/([a-z]+)/(testing|config|schemas)$': '<rootDir>/libs/$1/src/$2/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.longhaul/'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/', ...later.map((file) => `<rootDir>/${file.replaceAll('.', '\\.')}$`)],
  testEnvironment: '<rootDir>/test/support/closing-environment.mjs',
  testEnvironmentOptions: { testTimeout: 30_000 },
};

// Jest ignores a project's own `testTimeout`: closing-environment.mjs applies these.
/** Tests that talk to services: a migrated template database per run, nothing left behind. */
const withServices = {
  ...shared,
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  testEnvironment: '<rootDir>/test/support/environment.mjs',
};

/** @type {import('jest').Config} */
export default {
  // Two at a time: the services and the processes under test want the rest of a small machine.
  maxWorkers: 2,
  // What a test file has loaded is never given back (some 60 MB each, with modules in a vm): a worker that ran half of them met Node's limit of 4 GB.
  workerIdleMemoryLimit: '1500MB',
  reporters: ['default', '<rootDir>/tools/lib/progress-reporter.mjs'],
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/{apps,libs}/**/*.spec.ts', '<rootDir>/tools/**/*.spec.mjs'],
    },
    {
      ...shared,
      // The real core under a seeded schedule of faults: no service, no timer, no I/O.
      displayName: 'simulation',
      testMatch: ['<rootDir>/test/**/*.sim.ts'],
    },
    {
      ...withServices,
      displayName: 'integration',
      testMatch: ['<rootDir>/{apps,libs,test}/**/*.int-spec.ts'],
      testEnvironmentOptions: { testTimeout: 60_000 },
    },
    {
      ...withServices,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.e2e.ts'],
      testEnvironmentOptions: { testTimeout: 120_000 },
    },
    {
      ...withServices,
      // The console in a browser, against the built apps.
      displayName: 'browser',
      testMatch: ['<rootDir>/test/browser/**/*.browser.ts'],
      testEnvironmentOptions: { testTimeout: 120_000 },
    },
    {
      ...withServices,
      displayName: 'chaos',
      testMatch: ['<rootDir>/test/chaos/**/*.chaos.ts'],
      testEnvironmentOptions: { testTimeout: 120_000 },
    },
  ],
};
