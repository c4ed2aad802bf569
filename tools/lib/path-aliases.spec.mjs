import { join } from 'node:path';
import ts from 'typescript';
import { withoutAliases } from './path-aliases.mjs';

const paths = { '@app/core': ['./libs/core/src/index.ts'], '@app/sdk/config': ['./libs/sdk/src/config/index.ts'] };
/** @param {string} code @param {string} fileName */
const compiled = (code, fileName) =>
  ts.transpileModule(code, {
    fileName: join('/project', fileName),
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
    transformers: { before: [withoutAliases(ts, paths, '/project')] },
  }).outputText;

describe('names of libraries', () => {
  test('become relative to the file that imports, exports or loads them', () => {
    expect(compiled("import { a } from '@app/core'; use(a);", 'apps/gateway/src/main.ts')).toContain('from "../../../libs/core/src/index.js"');
    expect(compiled("export * from '@app/sdk/config';", 'libs/sdk/src/index.ts')).toContain('from "./config/index.js"');
    expect(compiled("export const load = () => import('@app/core');", 'longhaul.config.ts')).toContain('import("./libs/core/src/index.js")');
  });

  test('that are of a package, and texts that only look like one, stay', () => {
    const code = compiled("import ts from '@app/unknown'; import './near.js'; export const text = ['@app/core', ts];", 'apps/a.ts');
    expect(code).toContain("'@app/unknown'");
    expect(code).toContain("'./near.js'");
    expect(code).toContain("'@app/core'");
  });

  test('that are only of types are left out with them', () => {
    expect(compiled("import type { A } from '@app/core'; export const a: A = 1;", 'apps/a.ts')).not.toContain('core');
  });
});
