import { resolve } from 'node:path';

/** 5 GiB. */
export const DEFAULT_FILES_MAX_BYTES = 5 * 1024 ** 3;
/** 100 GiB. */
export const DEFAULT_FILES_QUOTA_BYTES = 100 * 1024 ** 3;
/** 128 MiB: PostgreSQL and RabbitMQ often share the disk, and stop when it is full. */
export const DEFAULT_FILES_MIN_FREE_BYTES = 128 * 1024 ** 2;

export interface S3Options {
  bucket: string;
  region: string;
  /** For stores that are not AWS's: MinIO, R2, Ceph. Absent: AWS. */
  endpoint?: string;
}

export interface StorageConfig {
  /** Absolute path of the folder that holds the files when `s3` is absent. */
  directory: string;
  maxBytes: number;
  /** All files together; 0 for no limit. */
  quotaBytes: number;
  /** What must stay free on the disk of `directory`; 0 for none. Not of a store behind S3, which has no such number. */
  minFreeBytes: number;
  s3?: S3Options;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where files go: `FILES_DIR` (default `.longhaul/files`), or an S3-compatible store when `FILES_S3_BUCKET` is set,
 * with `FILES_S3_REGION` and `FILES_S3_ENDPOINT`; its keys come by the AWS SDK's own variables. `FILES_MAX_BYTES` is
 * the largest file, `FILES_QUOTA_BYTES` the sum of all, `FILES_MIN_FREE_BYTES` what stays free on the disk. Throws an Error that names the variable which is wrong, so that a process stops at its start.
 */
export function storageConfig(env: Environment): StorageConfig {
  const limits = {
    maxBytes: bytes(env, 'FILES_MAX_BYTES', 1, DEFAULT_FILES_MAX_BYTES),
    quotaBytes: bytes(env, 'FILES_QUOTA_BYTES', 0, DEFAULT_FILES_QUOTA_BYTES),
    minFreeBytes: bytes(env, 'FILES_MIN_FREE_BYTES', 0, DEFAULT_FILES_MIN_FREE_BYTES),
  };
  const directory = resolve(env['FILES_DIR'] || '.longhaul/files');
  const bucket = env['FILES_S3_BUCKET'];
  if (!bucket) {
    for (const name of ['FILES_S3_ENDPOINT', 'FILES_S3_REGION']) {
      if (env[name]) throw new Error(`expected FILES_S3_BUCKET to be set because ${name} is, got none: set it or unset ${name}`);
    }
    return Object.freeze({ directory, ...limits });
  }
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new Error(`expected FILES_S3_BUCKET to be a bucket name (3 to 63 of a-z, 0-9, "." and "-"), got: ${JSON.stringify(bucket)}`);
  }
  const endpoint = httpUrl(env['FILES_S3_ENDPOINT']);
  const region = env['FILES_S3_REGION'] || env['AWS_REGION'] || (endpoint ? 'us-east-1' : '');
  if (!region) throw new Error('expected FILES_S3_REGION (or AWS_REGION) to be set with FILES_S3_BUCKET, got none: set it, e.g. to eu-central-1');
  return Object.freeze({ directory, ...limits, s3: Object.freeze({ bucket, region, ...(endpoint ? { endpoint } : {}) }) });
}

function bytes(env: Environment, name: string, least: number, fallback: number): number {
  const text = env[name];
  if (!text) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`expected ${name} to be a whole number of bytes${least > 0 ? ' above 0' : ', or 0 for no limit'}, got: ${JSON.stringify(text)}`);
}

function httpUrl(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return text;
  throw new Error(`expected FILES_S3_ENDPOINT to be an http or https URL, got: ${JSON.stringify(text)}`);
}
