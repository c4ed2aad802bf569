import { constants, createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FilesDriver } from './files-driver.js';

const PART = '.part';
const ABANDONED_MS = 24 * 3_600_000;

/**
 * A local folder that is safe against crashes: a file is written under another name, flushed to the disk, renamed
 * to its own name, and the folder is flushed too. So a file is complete or absent, whenever the machine stops.
 */
export class LocalDriver implements FilesDriver {
  private constructor(private readonly root: string) {}

  /** Makes the folder when it is missing, and removes the remains of uploads that were killed more than a day ago. */
  static async open(root: string): Promise<LocalDriver> {
    await makeWritable(root);
    const oldest = Date.now() - ABANDONED_MS;
    for (const name of await readdir(root, { recursive: true })) {
      if (!name.endsWith(PART)) continue;
      const path = join(root, name);
      const about = await stat(path).catch(() => undefined);
      if (about && about.mtimeMs < oldest) await rm(path, { force: true });
    }
    return new LocalDriver(root);
  }

  async putStream(key: string, contents: Readable): Promise<void> {
    const path = join(this.root, key);
    const part = path + PART;
    try {
      await mkdir(dirname(path), { recursive: true });
      await pipeline(contents, createWriteStream(part, { flags: 'wx', flush: true }));
      await rename(part, path);
      await flushFolder(dirname(path));
      await flushFolder(this.root);
    } catch (error) {
      await rm(part, { force: true }).catch(() => undefined);
      await rm(path, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  async delete(key: string): Promise<void> {
    await rm(join(this.root, key), { force: true });
  }

  async list(folder: string): Promise<string[]> {
    return readdir(join(this.root, folder)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    });
  }

  async getRange(key: string, start: number, end?: number): Promise<Readable> {
    const path = join(this.root, key);
    await stat(path);
    return createReadStream(path, { start, highWaterMark: 256 * 1024, ...(end === undefined ? {} : { end }) });
  }
}

/** Makes a rename durable. Folders cannot be opened on Windows, where a rename needs no such flush. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Checks at the start, and not at the first upload, that the folder is writable: a folder of another user is a mistake in the configuration. */
async function makeWritable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    const error = new Error(`expected FILES_DIR to be a folder that this process may write, got: ${got}; give it to this user, or set FILES_DIR`, { cause });
    error.name = 'ConfigError'; // Like other bad variables, this ends the process with one line.
    throw error;
  }
}
