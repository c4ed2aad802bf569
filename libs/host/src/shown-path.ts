import { existsSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';

const COMPILED = `${sep}dist${sep}`;

/** A file as its author knows it: the source of which `dist` has the compiled file, where it is there, and below the working directory without that folder. */
export function shownPath(path: string): string {
  const at = path.lastIndexOf(COMPILED);
  const source = at < 0 ? path : `${path.slice(0, at + 1)}${path.slice(at + COMPILED.length).replace(/\.([cm]?)js$/, '.$1ts')}`;
  const known = existsSync(source) ? source : path;
  const here = relative(process.cwd(), known);
  return here === '' || here.startsWith('..') || isAbsolute(here) ? known : here;
}
