import { administerPostgres, namePrefix, urlOfDatabase } from './services.mjs';

export interface FreshDatabase {
  readonly url: string;
  readonly name: string;
  /** Ends every connection to it and removes it. Safe to call twice. */
  drop(): Promise<void>;
}

/** As an option of a connection of a test's own: it finds Longhaul's tables by their bare names. Longhaul's own connections name the schema. */
export const FINDS_TABLES = '-c search_path=public,longhaul';

let made = 0;

/** A migrated, empty database of this test file's own: a clone of the run's template, some 50 ms. `settings`: what its sessions begin with. */
export function freshDatabase(settings: string[] = []): Promise<FreshDatabase> {
  return madeDatabase(`template "${namePrefix()}tmpl"`, settings);
}

/** A database with nothing in it. */
export function emptyDatabase(): Promise<FreshDatabase> {
  return madeDatabase('template template0', []);
}

async function madeDatabase(how: string, settings: string[]): Promise<FreshDatabase> {
  const name = `${namePrefix()}${process.pid.toString(36)}_${(made++).toString(36)}_${Date.now().toString(36)}`;
  await administerPostgres((client) => client.query(`create database "${name}" ${how}`));
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
