import { readFileSync } from 'node:fs';

/** The version of the package of this command. Its package.json lies above the source and above the build, at different depths. */
export function version(): string {
  for (let folder = new URL('.', import.meta.url); folder.pathname !== '/'; folder = new URL('..', folder)) {
    const found = versionIn(new URL('package.json', folder));
    if (found !== undefined) return found;
  }
  return 'of unknown version';
}

function versionIn(file: URL): string | undefined {
  try {
    const { name, version: found } = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
    return name === 'longhaul' ? found : undefined;
  } catch {
    return undefined;
  }
}
