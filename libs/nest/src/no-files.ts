import type { Readable } from 'node:stream';
import { Files, type StoredFile } from '@app/sdk';

/** The `Files` of a process that only submits. Every method rejects, because only processes that run jobs have files. */
export class NoFiles extends Files {
  save(): Promise<StoredFile> {
    return this.refuse();
  }

  find(): Promise<StoredFile | undefined> {
    return this.refuse();
  }

  read(): Promise<Readable> {
    return this.refuse();
  }

  private refuse(): Promise<never> {
    return Promise.reject(new Error('expected Files to be used in a process that runs jobs, got one that only submits; set run in LonghaulModule.forRoot'));
  }
}
