import { isUuid } from '@app/core';
import type { FilesDriver } from './files-driver.js';

const FOLDERS = 256;
/** Younger content may belong to an upload whose row is about to be written. */
const YOUNG_MS = 24 * 3_600_000;

/**
 * Removes content without a row, which a process leaves that dies after it has removed the row and before the content. This works only where
 * the driver can list a folder (a local disk); S3-compatible stores have lifecycle rules for this.
 */
export class Orphans {
  private next = Math.floor(Math.random() * FOLDERS);

  constructor(
    private readonly driver: FilesDriver,
    private readonly known: (ids: string[]) => Promise<Set<string>>,
  ) {}

  /** Searches one folder; the next call searches the next folder. */
  async sweep(): Promise<void> {
    const folder = (this.next++ % FOLDERS).toString(16).padStart(2, '0');
    const old = (await this.driver.list?.(folder))?.filter((name) => isUuid(name) && timeOf(name) < Date.now() - YOUNG_MS) ?? [];
    if (old.length === 0) return;
    const known = await this.known(old);
    for (const id of old) if (!known.has(id)) await this.driver.delete(`${folder}/${id}`);
  }
}

/** The time of a UUIDv7, which begins with it in milliseconds. */
function timeOf(id: string): number {
  return Number.parseInt(id.replace('-', '').slice(0, 12), 16);
}
