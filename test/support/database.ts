import { administerPostgres, namePrefix, urlOfDatabase } from './services.mjs';

export interface FreshDatabase {
  readonly url: string;
  readonly name: string;
  /** Ends every connection to it and removes it. Safe to call twice. */
  drop(): Promise<void>;
}

let made = 0;

/** A migrated, empty database of this test file's own: a clone of the run's template, some 50 ms. `settings`: what its sessions begin with. */
export async function freshDatabase(settings: string[] = []): Promise<FreshDatabase> {
  const name = `${namePrefix()}${process.pid.toString(36)}_${(made++).toString(36)}_${Date.now().toString(36)}`;
  await administerPostgres((client) => client.query(`create database "${name}" template "${namePrefix()}tmpl"`));
  for (const setting of settings) await administerPostgres((client) => client.query(`alter database "${name}" set ${setting}`));
  return {
    url: urlOfDatabase(name),
    name,
    drop: () =>
      administerPostgres(async (client) => {
        await client.query(`drop database if exists "${name}" with (force)`);
      }),
  };
}
