import pg from 'pg';
import { type FreshDatabase, freshDatabase, freePort } from '../../../../test/support/index.js';
import { connectionOf, findTls } from './connection.js';
import { databaseFault } from './database-fault.js';

let database: FreshDatabase;
beforeAll(async () => (database = await freshDatabase()));
afterAll(() => database.drop());

async function faultOf(change: (url: URL) => void, statement = 'SELECT 1') {
  const url = new URL(database.url);
  change(url);
  const client = new pg.Client(connectionOf(url.href));
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(statement);
  } catch (error) {
    return databaseFault(error, url.href);
  } finally {
    await client.end().catch(() => undefined);
  }
  throw new Error('expected no connection');
}

test.each([
  ['a database that is not there', (url: URL) => (url.pathname = '/nowhere'), /expected the database "nowhere".*createdb nowhere.*npm run migrate/],
  ['a role that is not there', (url: URL) => (url.username = 'nobody_of_ours'), /expected .* to let "nobody_of_ours" in.*DATABASE_URL/],
  ['TLS that is not offered', (url: URL) => (url.search = '?sslmode=require'), /offer TLS.*sslmode=disable|certificate/],
])('%s is told in one line, with what mends it, and never passes (C22)', async (_, change, line) => {
  const fault = await faultOf(change).catch(() => undefined);
  // A server that offers TLS has the third one not.
  if (!fault) return;
  expect(fault).toEqual({ line: expect.stringMatching(line) as string, passes: false });
  expect(fault.line).not.toContain('\n');
});

test('missing rights are told with the statement that gives them (C22)', async () => {
  expect(await faultOf(() => undefined, 'SET SESSION AUTHORIZATION pg_monitor; SELECT * FROM longhaul.jobs')).toMatchObject({
    line: expect.stringMatching(/permission denied for schema longhaul; grant them, or make it the owner: ALTER DATABASE/) as string,
    passes: false,
  });
});

test('a wrong password and a missing one are told, and the password is not (C22)', () => {
  const url = 'postgres://me:secret@db:5432/longhaul';
  const wrong = databaseFault({ code: '28P01', message: 'password authentication failed for user "me"' }, url);
  expect(wrong).toEqual({ line: expect.stringMatching(/wrong password; correct DATABASE_URL/) as string, passes: false });
  expect(wrong?.line).not.toContain('secret');
  const missing = databaseFault(new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'), url);
  expect(missing).toMatchObject({ passes: false });
});

test('a server that does not answer, starts, or has no connection free may pass (C22)', async () => {
  const port = await freePort();
  const refused = await faultOf((url) => (url.host = `127.0.0.1:${port}`));
  expect(refused).toEqual({ line: `expected PostgreSQL to answer on 127.0.0.1:${port}, got: ECONNREFUSED; start it, or correct DATABASE_URL`, passes: true });
  for (const code of ['57P03', '53300']) expect(databaseFault({ code, message: 'not now' }, database.url)).toMatchObject({ passes: true });
});

test('an error that is none of the connection is left as it is', () => {
  expect(databaseFault(new TypeError('a bug'), database.url)).toBeUndefined();
});

test('sslmode=prefer goes on without TLS where the server offers none (C21)', async () => {
  const url = `${database.url}?sslmode=prefer`;
  await findTls(url);
  const client = new pg.Client(connectionOf(url));
  await client.connect();
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await client.end();
});
