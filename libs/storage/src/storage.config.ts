import { parseUrl } from '@app/core';
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
  /** The URL of a store that is not AWS: MinIO, R2, Ceph. Absent for AWS. */
  endpoint?: string;
}

export interface StorageConfig {
  /** The absolute path of the folder with the files, used when `s3` is absent. */
  directory: string;
  maxBytes: number;
  /** The limit of all files together; 0 for no limit. */
  quotaBytes: number;
  /** The space that must stay free on the disk of `directory`; 0 for none. An S3-compatible store has no such measure. */
  minFreeBytes: number;
  s3?: S3Options;
}

/** A variable of the storage has a wrong value. The message names the variable. */
export class StorageConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StorageConfigError';
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where files go: `FILES_DIR` (default `.longhaul/files`), or an S3-compatible store when `FILES_S3_BUCKET` is set,
 * with `FILES_S3_REGION` and `FILES_S3_ENDPOINT`; the AWS SDK's own variables have the credentials. `FILES_MAX_BYTES` is the
 * largest file, `FILES_QUOTA_BYTES` the sum of all files, `FILES_MIN_FREE_BYTES` the space that stays free on the disk. Throws a
 * `StorageConfigError` that names the wrong variable, so that a process stops at its start.
 */
export function storageConfig(env: Environment): StorageConfig {
  const limits = {
    maxBytes: bytes(env, 'FILES_MAX_BYTES', 1, DEFAULT_FILES_MAX_BYTES),
    quotaBytes: bytes(env, 'FILES_QUOTA_BYTES', 0, DEFAULT_FILES_QUOTA_BYTES),
    minFreeBytes: bytes(env, 'FILES_MIN_FREE_BYTES', 0, DEFAULT_FILES_MIN_FREE_BYTES),
  };
  const directory = resolve(valueOf(env, 'FILES_DIR') || '.longhaul/files');
  const bucket = valueOf(env, 'FILES_S3_BUCKET');
  if (!bucket) {
    for (const name of ['FILES_S3_ENDPOINT', 'FILES_S3_REGION']) {
      if (valueOf(env, name)) throw new StorageConfigError(`expected FILES_S3_BUCKET to be set because ${name} is, got none: set it or unset ${name}`);
    }
    return Object.freeze({ directory, ...limits });
  }
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new StorageConfigError(
      `expected FILES_S3_BUCKET to be a bucket name (3 to 63 of a-z, 0-9, "." and "-"), got: ${JSON.stringify(bucket.slice(0, 200))}`,
    );
  }
  const endpoint = httpUrl(valueOf(env, 'FILES_S3_ENDPOINT'));
  const region = valueOf(env, 'FILES_S3_REGION') || env['AWS_REGION'] || (endpoint ? 'us-east-1' : '');
  if (!region) throw new StorageConfigError('expected FILES_S3_REGION (or AWS_REGION) to be set with FILES_S3_BUCKET, got none: set it, e.g. to eu-central-1');
  return Object.freeze({ directory, ...limits, s3: Object.freeze({ bucket, region, ...(endpoint ? { endpoint } : {}) }) });
}

/** The value of a variable without blanks at either end, like all settings. */
function valueOf(env: Environment, name: string): string {
  return env[name]?.trim() ?? '';
}

function bytes(env: Environment, name: string, least: number, fallback: number): number {
  const text = valueOf(env, name);
  if (!text) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new StorageConfigError(
    `expected ${name} to be a whole number of bytes${least > 0 ? ' above 0' : ', or 0 for no limit'}, got: ${JSON.stringify(text.slice(0, 200))}`,
  );
}

function httpUrl(text: string): string | undefined {
  if (!text) return undefined;
  const url = parseUrl(text);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return text;
  throw new StorageConfigError(`expected FILES_S3_ENDPOINT to be an http or https URL, got: ${JSON.stringify(text.slice(0, 200))}`);
}
