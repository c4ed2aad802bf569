import { createRequire } from 'node:module';

/** Longhaul's own package.json lies two folders above the sources' folder, and one more above that of the build. */
const PLACES = ['../../../package.json', '../../../../package.json', '../../package.json'];

/** The version of the Longhaul that runs here. */
export function ownVersion(): string {
  const load = createRequire(import.meta.url);
  for (const place of PLACES) {
    try {
      const { name, version } = load(place) as { name?: string; version?: string };
      if (name === 'longhaul' && version !== undefined) return version;
    } catch {
      // Not here.
    }
  }
  return 'unknown';
}
