// All of strictTypeChecked is on; what is off or loosened says why on its line.
import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const TESTS = ['**/*.spec.ts', '**/*.int-spec.ts', '**/testing/**/*.ts', 'test/**/*.ts'];

/** This very Node tells what plain JavaScript may use. */
const globals = Object.fromEntries(Object.getOwnPropertyNames(globalThis).map((name) => [name, 'readonly']));

export default defineConfig(
  { ignores: ['**/node_modules/', '**/dist/', 'coverage/', '.longhaul/', '.ci/', 'examples/', 'tools/create/template*/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    rules: {
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
      // Node 20 answers it wrongly for texts beyond ASCII: `parseUrl` of core.
      'no-restricted-properties': ['error', { object: 'URL', property: 'canParse' }],
    },
  },
  {
    files: ['**/*.ts', '**/*.mts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      // Under emitDecoratorMetadata the rule leaves files with decorators alone: what Nest injects stays a value import.
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true }], // `() => this.nudge()` and `return this.drop()` read well.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }], // Nest's modules.
      '@typescript-eslint/no-misused-spread': ['error', { allow: [{ from: 'lib', name: 'string' }] }], // By code point is what we mean.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off', // Payload and option classes describe plain data; they have no private state.
      '@typescript-eslint/require-await': 'off', // In an async method what throws becomes a rejection, awaiting or not.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }], // Both print as one expects.
    },
  },
  {
    files: TESTS,
    rules: {
      '@typescript-eslint/no-extraneous-class': 'off', // A class without anything is a test's smallest handler.
      '@typescript-eslint/no-misused-spread': 'off', // A payload with one field changed is a test's plainest input.
      '@typescript-eslint/no-unsafe-assignment': 'off', // expect.any() and its kin are typed any.
      '@typescript-eslint/unbound-method': 'off', // expect(fake.method) calls nothing.
      'max-lines': 'off', // The cases of one promise belong together.
    },
  },
  {
    files: ['libs/client/src/wire.ts', 'apps/console/src/api/operations.ts'],
    rules: { 'max-lines': 'off' }, // They are generated, and grow with the API.
  },
  {
    files: ['apps/console/src/**'],
    rules: { 'no-restricted-properties': 'off' }, // A browser's is right.
  },
  {
    files: ['apps/console/src/**/route.tsx', 'apps/console/src/router.tsx'],
    rules: { '@typescript-eslint/only-throw-error': 'off' }, // The router's redirects are thrown.
  },
  {
    files: ['**/*.mjs', '**/*.cjs', '**/*.js'],
    languageOptions: { globals: { ...globals, module: 'writable' } }, // Types of the tools: `npm run types`.
    rules: { 'no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }] }, // As TypeScript has it.
  },
  {
    files: ['tools/**/*.spec.mjs'],
    languageOptions: { globals: Object.fromEntries(['describe', 'test', 'expect', 'beforeEach', 'afterEach'].map((name) => [name, 'readonly'])) }, // Jest's.
  },
);
