// `npm run schema`: writes libs/postgres/schema.sql anew, after a migration was added. The test of the schema writes it.

process.env.LONGHAUL_WRITE_SCHEMA = '1';
process.argv.push('--only=integration', 'libs/postgres/src/schema.int-spec');
await import('./test.mjs');
