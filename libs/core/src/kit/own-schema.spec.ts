import { DEFAULT_SCHEMA, inSchema, isSchemaName, schemaOf, SCHEMA_OPTION } from './own-schema.js';

test.each(['longhaul', '_', 'jobs_2', 'public', 'user', 'a'.repeat(41)])('%s can be the name of the schema', (name) => {
  expect(isSchemaName(name)).toBe(true);
});

test.each(['', 'Longhaul', '2jobs', 'a-b', 'a b', 'a"b', 'a.b', 'pg_temp', 'pg_catalog', 'information_schema', 'a'.repeat(42), 'jöbs'])(
  '%j cannot be the name of the schema',
  (name) => {
    expect(isSchemaName(name)).toBe(false);
  },
);

test('every mark in a statement becomes the quoted name of the schema, and nothing else is changed', () => {
  const text = `DELETE FROM lh.jobs j USING lh.outbox o WHERE j.id = o.job_id AND j.kind LIKE 'longhaul.%' AND j.lh = 1 AND xlh.jobs`;
  expect(inSchema('user', text)).toBe(
    `DELETE FROM "user".jobs j USING "user".outbox o WHERE j.id = o.job_id AND j.kind LIKE 'longhaul.%' AND j.lh = 1 AND xlh.jobs`,
  );
});

test('a DataSource tells the schema that it was made for, and one that is not of ours the default', () => {
  expect(schemaOf({ options: { extra: { [SCHEMA_OPTION]: 'other' } } })).toBe('other');
  expect(schemaOf({ options: {} })).toBe(DEFAULT_SCHEMA);
});
