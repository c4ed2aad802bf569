import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of the console, as it lies on the disk: compressed. */
export interface ConsoleFile {
  gzip: Buffer;
  type: string;
  /** Its name changes with its content, so it may be kept for ever. */
  isHashed: boolean;
}

export interface ConsoleFiles {
  /** The page, with placeholders for what differs from answer to answer. */
  page: string;
  /** By the path below /console. */
  files: ReadonlyMap<string, ConsoleFile>;
}

const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
};

/** Beside the compiled code of a build and of a package; in the build where `npm run dev` compiles elsewhere. */
const PLACES = ['../../../../console/', '../../../../../../dist/console/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));

/** What `npm run build` has made, read into memory: some 300 kB. Null where it was not built. */
export async function readConsole(places: readonly string[] = PLACES): Promise<ConsoleFiles | null> {
  for (const place of places) {
    const page = await readFile(join(place, 'index.html'), 'utf8').catch(() => null);
    if (page !== null) return { page, files: await filesOf(place) };
  }
  return null;
}

async function filesOf(place: string): Promise<Map<string, ConsoleFile>> {
  const found = await readdir(place, { recursive: true, withFileTypes: true });
  const files = found.filter((item) => item.isFile() && item.name.endsWith('.gz')).map((item) => join(item.parentPath, item.name));
  const read = await Promise.all(
    files.map(async (file): Promise<[string, ConsoleFile]> => {
      const path = relative(place, file).slice(0, -'.gz'.length).split(sep).join('/');
      return [path, { gzip: await readFile(file), type: TYPES[extname(path)] ?? 'application/octet-stream', isHashed: path.startsWith('assets/') }];
    }),
  );
  return new Map(read);
}
