import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { nearest } from '@app/core';
import { definitionOf } from '@app/sdk';
import type { JobClass, LonghaulConfig } from '@app/sdk/config';
import type { DataSource } from 'typeorm';
import { shownPath } from './shown-path.js';

/** The compiled configuration, below the working directory of a project. */
const COMPILED = 'dist/longhaul.config.js';
/** The configuration beside this build. Longhaul's own repository has one, the npm package has none. */
const BESIDE = new URL('../../../longhaul.config.js', import.meta.url);
const MAX_SHOWN = 300;
const DEBUG_KINDS = new URL('../../../test/kinds/index.js', import.meta.url);

/** An error in `longhaul.config.ts`. The message is one line that names the file, the class and the fix. */
export class ConfigFileError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigFileError';
  }
}

export interface LoadedConfig {
  /** The path of the compiled module. Child processes load the same file. */
  path: string;
  jobs: JobClass[];
  imports: NonNullable<LonghaulConfig['imports']>;
  providers: NonNullable<LonghaulConfig['providers']>;
  name?: string;
}

/**
 * Loads the file that `LONGHAUL_CONFIG` names, else `dist/longhaul.config.js` below the working directory, else the one beside this build. Rejects
 * with a {@link ConfigFileError}; an error that the module itself throws is passed on unchanged.
 *
 * From here on stacks name lines of sources, by the source maps of what is loaded. Not before: Node reads the map of each module that it loads while that is on
 * (https://nodejs.org/api/process.html#processsetsourcemapsenabledval), and for Longhaul's own modules this took a quarter of the CPU of a start.
 */
export async function loadConfig(values: NodeJS.ProcessEnv): Promise<LoadedConfig> {
  const path = findConfig(values);
  process.setSourceMapsEnabled(true);
  return readConfig(path, unwrapped((await import(pathToFileURL(path).href)) as { default?: unknown }));
}

interface DebugKinds {
  debugKinds: readonly JobClass[];
  makeDebugTables: (dataSource: DataSource) => Promise<void>;
}

/** The debug kinds, for trying things out. Makes their tables in the database where one is given. Rejects when this build has none. */
export async function loadDebugKinds(dataSource?: DataSource): Promise<JobClass[]> {
  if (!existsSync(DEBUG_KINDS))
    throw new ConfigFileError('expected LONGHAUL_DEBUG_KINDS to be 0 in an installed Longhaul, which has no kinds for trying out, got: 1');
  const { debugKinds, makeDebugTables } = (await import(DEBUG_KINDS.href)) as DebugKinds;
  if (dataSource !== undefined) await makeDebugTables(dataSource);
  return [...debugKinds];
}

/** A module that the compiler made for CommonJS has its default export one level deeper. */
function unwrapped(module: { default?: unknown }): { default?: unknown } {
  const { default: inner } = module;
  return typeof inner === 'object' && inner !== null && '__esModule' in inner && 'default' in inner ? inner : module;
}

/** Exported for its tests. */
export function findConfig(values: NodeJS.ProcessEnv): string {
  const named = values['LONGHAUL_CONFIG']?.trim();
  if (named) {
    const path = isAbsolute(named) ? named : join(process.cwd(), named);
    const shown = JSON.stringify(named.length <= MAX_SHOWN ? named : `${named.slice(0, MAX_SHOWN)}…`);
    if (/\.[cm]?ts$/.test(path))
      throw new ConfigFileError(`expected LONGHAUL_CONFIG to name a compiled file, got: ${shown}; compile it, and name the .js file`);
    if (existsSync(path)) return path;
    throw new ConfigFileError(
      `expected LONGHAUL_CONFIG to name the compiled longhaul.config.js, got: ${shown}, which is no file; compile it, or mend the path`,
    );
  }
  const found = [join(process.cwd(), COMPILED), fileURLToPath(BESIDE)].find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new ConfigFileError(
    `expected ${COMPILED} in ${process.cwd()}, got none; write longhaul.config.ts (export default defineConfig({ jobs: [...] })) and compile it, or set LONGHAUL_CONFIG`,
  );
}

/** Exported for its tests. */
export function readConfig(path: string, module: { default?: unknown }): LoadedConfig {
  const file = shownPath(path);
  const config = module.default as Partial<Record<keyof LonghaulConfig, unknown>> | null | undefined;
  if (typeof config !== 'object' || config === null || typeof config.jobs !== 'object' || config.jobs === null) {
    const got = config === undefined ? 'no default export' : 'one without jobs';
    throw new ConfigFileError(`expected ${file} to export default defineConfig({ jobs: [...] }), got ${got}`);
  }
  const named = Object.entries(config.jobs as Record<string, unknown>);
  if (named.length === 0) throw new ConfigFileError(`expected jobs of ${file} to have a handler class at least, got none; add yours`);
  const kinds = new Map<string, { name: string; job: unknown }>();
  for (const [key, job] of named) {
    const { name, kind } = kindOf(job, file);
    if (!Array.isArray(config.jobs) && key !== kind)
      throw new ConfigFileError(`expected ${name} in jobs of ${file} under '${kind}', the kind of its @JobHandler, got: '${key}'; rename one of them`);
    const other = kinds.get(kind);
    if (other?.job === job) throw new ConfigFileError(`expected ${name} once in jobs of ${file}, got it twice; take one out`);
    if (other !== undefined)
      throw new ConfigFileError(`expected one class for kind "${kind}" in jobs of ${file}, got two: ${other.name} and ${name}; give one of them another kind`);
    kinds.set(kind, { name, job });
  }
  const { name, imports = [], providers = [] } = config as Partial<LonghaulConfig>;
  checkMembers(config, file);
  return { path, jobs: named.map(([, job]) => job as JobClass), imports, providers, ...(name === undefined ? {} : { name }) };
}

const MEMBERS = ['jobs', 'imports', 'providers', 'name'] as const;

function checkMembers(config: Partial<Record<keyof LonghaulConfig, unknown>>, file: string): void {
  for (const member of Object.keys(config)) {
    if ((MEMBERS as readonly string[]).includes(member)) continue;
    const meant = nearest(member, MEMBERS);
    throw new ConfigFileError(
      `expected ${file} to have ${MEMBERS.join(', ')}, got: ${member}; ${meant === undefined ? 'take it out' : `did you mean ${meant}?`}`,
    );
  }
  const { name } = config;
  if (name !== undefined && (typeof name !== 'string' || name === ''))
    throw new ConfigFileError(`expected name of ${file} to be the name of the service, got: ${inspect(name).slice(0, 100)}`);
  for (const member of ['imports', 'providers'] as const) {
    const given = config[member];
    if (given === undefined) continue;
    if (!Array.isArray(given)) throw new ConfigFileError(`expected ${member} of ${file} to be a list, got: ${inspect(given, { depth: 0 }).slice(0, 100)}`);
    // Nest's own error about this is a page long.
    const hole = given.findIndex((item) => item === undefined || item === null);
    if (hole >= 0)
      throw new ConfigFileError(
        `expected ${member} of ${file} to have no holes, got ${String(given[hole])} at place ${hole + 1}; mend its import, or let two files not import each other`,
      );
  }
}

function kindOf(job: unknown, file: string): { name: string; kind: string } {
  const name = typeof job === 'function' && job.name !== '' ? job.name : inspect(job, { depth: 0, breakLength: Infinity }).slice(0, 100);
  const kind = typeof job === 'function' ? definitionOf(job)?.policy.kind : undefined;
  if (kind !== undefined) return { name, kind };
  throw new ConfigFileError(`expected jobs of ${file} to be classes with @JobHandler({ kind, payload }), got ${name}; decorate it, or take it out`);
}
