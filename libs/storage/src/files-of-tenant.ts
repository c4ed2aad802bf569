import type { Readable } from 'node:stream';
import { tenantNow } from '@app/core';
import { Files, type StoredFile } from '@app/sdk';
import type { StoredFiles } from './stored-files.js';

/**
 * The files of the tenant whose job's handler asks: it finds no other's, whatever ids its payload names, and what it saves is of its tenant. Outside of
 * handlers these are the files of the default tenant.
 */
export class FilesOfTenant extends Files {
  constructor(private readonly stored: StoredFiles) {
    super();
  }

  save(content: Readable, about: { name: string; mediaType: string; key?: string; signal?: AbortSignal }): Promise<StoredFile> {
    return this.stored.save(content, { ...about, tenant: tenantNow() });
  }

  find(id: string): Promise<StoredFile | undefined> {
    return this.stored.find(id, tenantNow());
  }

  read(id: string, start?: number): Promise<Readable> {
    return this.stored.read(id, start, undefined, tenantNow());
  }
}
