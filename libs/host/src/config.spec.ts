import { runtimeConfig } from './config.js';
import { ConfigError, Environment } from './environment.js';

const schemaOf = (values: NodeJS.ProcessEnv) => runtimeConfig(new Environment(values)).schema;

describe('LONGHAUL_SCHEMA', () => {
  test('is longhaul unless it is set', () => {
    expect([schemaOf({}), schemaOf({ LONGHAUL_SCHEMA: '' }), schemaOf({ LONGHAUL_SCHEMA: 'orders_jobs' })]).toEqual(['longhaul', 'longhaul', 'orders_jobs']);
  });

  test.each(['Orders', 'pg_jobs', 'information_schema', 'a"; DROP SCHEMA public; --', '1st', 'x'.repeat(42)])(
    '%j is refused in one line that names it',
    (name) => {
      expect(() => schemaOf({ LONGHAUL_SCHEMA: name })).toThrow(ConfigError);
      expect(() => schemaOf({ LONGHAUL_SCHEMA: name })).toThrow(/^expected LONGHAUL_SCHEMA to be the name of a schema: [^\n]+, got: [^\n]+$/);
    },
  );
});

describe('OUTCOME_EVENTS', () => {
  const publicKinds = (text?: string) => {
    const { outcomeEvents } = runtimeConfig(new Environment(text === undefined ? {} : { OUTCOME_EVENTS: text }));
    return ['csv.import', 'report.render'].filter(outcomeEvents);
  };

  test.each<[string | undefined, string[]]>([
    [undefined, ['csv.import', 'report.render']],
    ['all', ['csv.import', 'report.render']],
    ['off', []],
    ['kinds:csv.import', ['csv.import']],
    ['kinds: report.render , csv.import', ['csv.import', 'report.render']],
  ])('%j', (text, kinds) => expect(publicKinds(text)).toEqual(kinds));

  test.each(['none', 'kinds:', 'kinds:csv', 'csv.import', 'kinds:csv.import,'])('%j is refused in one line that names it', (text) => {
    expect(() => publicKinds(text)).toThrow(/^expected OUTCOME_EVENTS to be all, off, or kinds: and a comma list of kinds, got: [^\n]+$/);
  });
});
