import type { Readable } from 'node:stream';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { S3Driver } from 'flydrive/drivers/s3';
import type { FilesDriver } from './files-driver.js';
import type { S3Options } from './storage.config.js';

/** S3 allows 10,000 parts, 80 GB of this size. An upload holds two parts in memory. */
const PART_BYTES = 8 * 1024 ** 2;

/** A driver for `options.bucket`. The AWS SDK finds the credentials in its usual variables, files or instance roles. */
export function s3Driver({ bucket, region, endpoint }: S3Options): FilesDriver {
  const client = new S3Client({ region, ...(endpoint ? { endpoint, forcePathStyle: true } : {}) });
  return new MultipartS3Driver(client, bucket);
}

/** flydrive's S3 driver, with uploads of unknown length in parts, and reads from the middle. */
class MultipartS3Driver extends S3Driver implements FilesDriver {
  constructor(
    private readonly client: S3Client,
    private readonly bucket: string,
  ) {
    // Many S3-compatible stores have no ACLs. The bucket's policy keeps its files private.
    super({ client, bucket, visibility: 'private', supportsACL: false });
  }

  /** Resolves when the store has the whole object. When `contents` fails, the parts that were sent are removed. */
  override async putStream(key: string, contents: Readable): Promise<void> {
    const upload = new Upload({
      client: this.client,
      params: { Bucket: this.bucket, Key: key, Body: contents, ContentType: 'application/octet-stream' },
      partSize: PART_BYTES,
      queueSize: 2,
      leavePartsOnError: false,
    });
    await upload.done();
  }

  async getRange(key: string, start: number, end?: number): Promise<Readable> {
    const range = `bytes=${start}-${end ?? ''}`;
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key, Range: range }));
    if (!Body) throw new Error(`expected the store to send object ${key}, got an answer without a body: try again`);
    return Body as Readable;
  }
}
