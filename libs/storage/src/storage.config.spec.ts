import { resolve } from 'node:path';
import { cleanFileName, cleanMediaType } from './file-name.js';
import { storageConfig } from './storage.config.js';

describe('the storage configuration', () => {
  it('is a local folder and 5 GiB when nothing is said', () => {
    expect(storageConfig({})).toEqual({
      directory: resolve('.longhaul/files'),
      maxBytes: 5 * 1024 ** 3,
      quotaBytes: 100 * 1024 ** 3,
      minFreeBytes: 128 * 1024 ** 2,
    });
  });

  it('is an S3-compatible store when a bucket is named', () => {
    expect(storageConfig({ FILES_S3_BUCKET: 'files', FILES_S3_ENDPOINT: 'http://minio:9000' }).s3).toEqual({
      bucket: 'files',
      region: 'us-east-1',
      endpoint: 'http://minio:9000',
    });
    expect(storageConfig({ FILES_S3_BUCKET: 'files', AWS_REGION: 'eu-central-1' }).s3).toEqual({ bucket: 'files', region: 'eu-central-1' });
  });

  it.each([
    [{ FILES_MAX_BYTES: '5GB' }, /FILES_MAX_BYTES .* got: "5GB"/],
    [{ FILES_MAX_BYTES: '0' }, /FILES_MAX_BYTES/],
    [{ FILES_QUOTA_BYTES: '-1' }, /FILES_QUOTA_BYTES .* or 0 for no limit/],
    [{ FILES_MIN_FREE_BYTES: '1e9' }, /FILES_MIN_FREE_BYTES/],
    [{ FILES_S3_BUCKET: 'No Bucket' }, /FILES_S3_BUCKET/],
    [{ FILES_S3_BUCKET: 'files' }, /FILES_S3_REGION/],
    [{ FILES_S3_BUCKET: 'files', FILES_S3_ENDPOINT: 'minio:9000' }, /FILES_S3_ENDPOINT/],
    [{ FILES_S3_ENDPOINT: 'http://minio:9000' }, /FILES_S3_BUCKET to be set because FILES_S3_ENDPOINT is/],
  ])('refuses %j and names the variable', (env, message) => {
    expect(() => storageConfig(env)).toThrow(message);
  });
});

describe('what an uploader says about a file', () => {
  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\temp\\a.csv', 'a.csv'],
    ['a\0b\r\n.csv', 'ab.csv'],
    ['..', 'file'],
    ['  ', 'file'],
    ['x/', 'file'],
    ['\ud800.csv', '\ufffd.csv'],
    ['año €.csv', 'año €.csv'],
    ['x'.repeat(300), 'x'.repeat(255)],
  ])('the name %j is kept as %j', (name, kept) => {
    expect(cleanFileName(name)).toBe(kept);
  });

  it.each([
    ['text/csv; charset=utf-8', 'text/csv; charset=utf-8'],
    ['text/html\r\nx: y', 'application/octet-stream'],
    ['nonsense', 'application/octet-stream'],
    ['', 'application/octet-stream'],
  ])('the media type %j is kept as %j', (mediaType, kept) => {
    expect(cleanMediaType(mediaType)).toBe(kept);
  });
});
