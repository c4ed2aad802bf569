import { isUuid } from '@app/core';
import type { FilesDriver } from './files-driver.js';

const FOLDERS = 256;
/** Younger content may belong to an upload whose row is about to be written. */
const YOUNG_MS = 24 * 3_600_000;

/**
 * Content whose row is gone: a process died after it had removed the one and before the other. Only where the driver can list a folder
 * (a local disk): a store behind S3 has rules of its own for that.
 */
export class Orphans {
  private next = Math.floor(Math.random() * FOLDERS);

  constructor(
    private readonly driver: FilesDriver,
    private readonly known: (ids: string[]) => Promise<Set<string>>,
  ) {}

  /** Looks through one folder, the next one at the next call. */
  async sweep(): Promise<void> {
    const folder = (this.next++ % FOLDERS).toString(16).padStart(2, '0');
    const old = (await this.driver.list?.(folder))?.filter((name) => isUuid(name) && timeOf(name) < Date.now() - YOUNG_MS) ?? [];
    if (old.length === 0) return;
    const known = await this.known(old);
    for (const id of old) if (!known.has(id)) await this.driver.delete(`${folder}/${id}`);
  }
}

/** A UUIDv7 begins with its milliseconds. */
function timeOf(id: string): number {
  return Number.parseInt(id.replace('-', '').slice(0, 12), 16);
}
