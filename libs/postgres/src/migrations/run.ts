import { inSchema, schemaOf } from '@app/core';
import type { QueryRunner } from 'typeorm';

/** Runs statements of a migration; `lh.` in them stands for the schema of Longhaul's tables. */
export async function run(runner: QueryRunner, text: string): Promise<void> {
  await runner.query(inSchema(schemaOf(runner.dataSource), text));
}

/**
 * Gives the schema its number, in the migration's own transaction. `breaking`: a process of an older version cannot work with it any more;
 * such a migration also says so as `breaking = true`, so that it is not run under live workers.
 */
export async function numbered(runner: QueryRunner, number: number, { breaking = false } = {}): Promise<void> {
  await run(runner, `INSERT INTO lh.schema_version (number, breaking) VALUES (${number}, ${breaking})`);
}
