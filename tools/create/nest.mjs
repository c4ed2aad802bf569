// `npm create longhaul -- --nest`: Longhaul in the Nest application of the working directory.

import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MODULE = 'src/app.module.ts';
const REPORTS = 'src/reports';
const JOB = 'report-render.job.ts';
const NEST = 12;

const IMPORTS = `import { LonghaulModule } from 'longhaul/nest';
import { ReportsModule } from './reports/reports.module.js';
`;
const MODULES = `
    LonghaulModule.forRoot({
      database: { url: process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/longhaul' },
      broker: process.env['AMQP_URL'] ? { url: process.env['AMQP_URL'] } : 'none',
      run: true,
    }),
    ReportsModule,`;

/**
 * Adds the module, a feature module with one job, and the dependency. Changes nothing when it cannot do all of it.
 * @param {string} folder @param {Record<string, string>} dependencies @param {(reason: string) => never} fail @returns {string} what to do next
 */
export function addToNest(folder, dependencies, fail) {
  const path = join(folder, 'package.json');
  if (!existsSync(path)) fail(`expected a Nest application in ${folder}, got no package.json; run it in the application's folder`);
  const about = JSON.parse(readFileSync(path, 'utf8'));
  const nest = about.dependencies?.['@nestjs/core'];
  if (nest === undefined)
    fail('expected a Nest application, got a package.json without @nestjs/core; npm create longhaul my-service makes a project without Nest');
  const major = Number(/\d+/.exec(nest)?.[0]);
  if (major < NEST) fail(`expected Nest ${NEST} or newer, got @nestjs/core ${nest}; upgrade it, or run a gateway beside and call it by longhaul/client`);
  if (about.dependencies.longhaul !== undefined)
    fail('expected an application without longhaul, got one that has it; docs/learn/nest.md says how to add a job');
  if (existsSync(join(folder, REPORTS))) fail(`expected no ${REPORTS}, got one; move it, or follow docs/learn/nest.md by hand`);
  const module = join(folder, MODULE);
  const source = existsSync(module) ? readFileSync(module, 'utf8') : '';
  const changed = withModules(source);
  if (changed === undefined)
    fail(`expected ${MODULE} with @Module({ imports: [...] }), got ${source === '' ? 'no such file' : 'another form'}; follow docs/learn/nest.md by hand`);
  cpSync(join(import.meta.dirname, 'template-nest'), join(folder, REPORTS), { recursive: true });
  // The job is that of a project without Nest.
  cpSync(join(import.meta.dirname, 'template/jobs', JOB), join(folder, REPORTS, JOB));
  writeFileSync(module, changed);
  about.dependencies = Object.fromEntries(Object.entries({ ...about.dependencies, ...dependencies }).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(path, `${JSON.stringify(about, null, 2)}\n`);
  return `changed package.json\nchanged ${MODULE}\nmade    ${REPORTS}

  npm install
  npx longhaul migrate        # makes Longhaul's tables; DATABASE_URL says where
  npm run start:dev
  curl -i http://127.0.0.1:3000/reports -H 'content-type: application/json' -d '{"title":"squares","rows":3}'
`;
}

/** The application's module with ours in it; undefined where it does not look as Nest's own. @param {string} source */
export function withModules(source) {
  const last = [...source.matchAll(/^import [^;]*;$/gm)].at(-1);
  const list = /(@Module\(\{[^]*?\bimports:\s*\[)/.exec(source) ?? undefined;
  const bare = /@Module\(\{/.exec(source) ?? undefined;
  if (!last || (!list && !bare)) return undefined;
  const end = last.index + last[0].length + 1;
  const withImports = source.slice(0, end) + IMPORTS + source.slice(end);
  if (!list) return withImports.replace('@Module({', `@Module({\n  imports: [${MODULES}\n  ],`);
  return withImports.replace(/(@Module\(\{[^]*?\bimports:\s*\[)(\s*)(\]?)/, (_all, open, space, close) =>
    close ? `${open}${MODULES}\n  ]` : `${open}${MODULES}${space || ' '}`,
  );
}
