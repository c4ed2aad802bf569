import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConnectionUrl } from './connection-url.js';

describe('DATABASE_URL', () => {
  test.each([
    ['postgres://u:p@h:6432/d', { host: 'h', port: 6432, user: 'u', password: 'p', database: 'd' }],
    ['postgresql://h', { host: 'h' }],
    ['postgres:///d?host=/var/run/postgresql&user=u', { host: '/var/run/postgresql', user: 'u', database: 'd' }],
    ['postgres://u@%2Ftmp%2Fpg:5433/d', { host: '/tmp/pg', port: 5433, user: 'u', database: 'd' }],
    ['postgres://[::1]:5432/d', { host: '::1', port: 5432, database: 'd' }],
    ['postgres://u@h/a%2Fb?port=1&options=-c%20work_mem%3D1MB', { host: 'h', port: 1, user: 'u', database: 'a/b', options: '-c work_mem=1MB' }],
    ['postgres://h/d?connect_timeout=7&application_name=a', { host: 'h', database: 'd', connectionTimeoutMillis: 7_000, application_name: 'a' }],
  ])('%s is read as libpq reads it (C21)', (url, expected) => {
    expect(readConnectionUrl(url)).toEqual({ ...expected, prefersTls: false });
  });

  test('sslmode is what libpq takes it for: require verifies nothing, unless there is a root certificate (C21)', () => {
    const root = join(mkdtempSync(join(tmpdir(), 'longhaul-')), 'root.crt');
    writeFileSync(root, 'certificate');
    const tls = (query: string) => readConnectionUrl(`postgres://h/d?${query}`);
    expect(tls('sslmode=disable')).toMatchObject({ ssl: false, prefersTls: false });
    expect(tls('sslmode=prefer')).toMatchObject({ ssl: { rejectUnauthorized: false }, prefersTls: true });
    expect(tls('sslmode=require').ssl).toEqual({ rejectUnauthorized: false });
    expect(tls(`sslmode=require&sslrootcert=${root}`).ssl).toMatchObject({
      rejectUnauthorized: true,
      ca: 'certificate',
      checkServerIdentity: expect.anything() as unknown,
    });
    expect(tls(`sslmode=verify-ca&sslrootcert=${root}`).ssl).toMatchObject({ rejectUnauthorized: true, checkServerIdentity: expect.anything() as unknown });
    expect(tls(`sslmode=verify-full&sslrootcert=${root}`).ssl).toEqual({ rejectUnauthorized: true, ca: 'certificate' });
  });

  test.each([
    ['postgres://a:1,b:2/d', /name one host.*got: 2 hosts/],
    ['postgres://u@/d?host=a,b', /name one host.*got: 2 hosts/],
    ['postgres://h:99999/d', /port from 1 to 65535, got: 99999/],
    ['postgres://u:100%@h/d', /write % itself as %25/],
    ['postgres://h/d?sslmode=verify-ca', /sslrootcert with sslmode=verify-ca/],
    ['postgres://h/d?sslmode=full', /one of the sslmodes .*got: full/],
    ['postgres://h/d?sslmode=verify-full&sslrootcert=/nowhere.crt', /sslrootcert that can be read.*ENOENT/],
    ['mysql://h/d', /begin with postgres/],
  ])('%s is refused in one line that says what to use (C21)', (url, message) => {
    expect(() => readConnectionUrl(url)).toThrow(message);
  });

  test('a password is in no message', () => {
    expect(() => readConnectionUrl('postgres://u:secret@a,b/d')).toThrow(/^(?!.*secret)/);
  });
});
