// The services a test run uses, and the little administration it needs on them: databases and vhosts.
// Plain JavaScript because Jest's global set-up and the test files share it (types: services.d.mts).

import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

export { newRunId } from '../../tools/lib/test-run.mjs';

/** Where the services are. `npm test` sets these; the defaults equal docker-compose.yml. */
export function testServices() {
  const amqpUrl = process.env.TEST_AMQP_URL || 'amqp://guest:guest@127.0.0.1:5672';
  return {
    databaseUrl: process.env.TEST_DATABASE_URL || 'postgres://postgres@127.0.0.1:5432/postgres',
    amqpUrl: amqpUrl === 'none' ? null : amqpUrl.replace(/\/+$/, ''),
    rabbitmqctl: process.env.RABBITMQCTL || 'rabbitmqctl',
    managementUrl: process.env.RABBITMQ_MANAGEMENT_URL || null,
  };
}

/** The run's broker, another virtual host. What the URL says after `?` stays. */
export function urlOfVhost(name) {
  const url = new URL(testServices().amqpUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

/** The same server, another database. */
export function urlOfDatabase(name) {
  const url = new URL(testServices().databaseUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** Runs one or more statements on the server's own database, each outside a transaction. */
export async function administerPostgres(work) {
  const client = new pg.Client({ connectionString: testServices().databaseUrl });
  try {
    await client.connect();
  } catch (cause) {
    const shown = testServices().databaseUrl.replace(/:[^:@/]*@/, ':…@');
    throw new Error(`expected PostgreSQL to answer at ${shown}, got: ${cause.message}. Run the tests with npm test.`, {
      cause,
    });
  }
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

// Names say the run and when it began, so that a later run knows what a crashed one has left.
const NAME = /^lh_test_([0-9a-z]+)_/;

export function namePrefix(run = process.env.LONGHAUL_TEST_RUN) {
  if (!run) throw new Error('expected a test run to be set up (LONGHAUL_TEST_RUN), got none: is this test in the integration or e2e project?');
  return `lh_test_${run}_`;
}

/** Where the processes of this run keep uploaded files. */
export function filesDir() {
  return join(tmpdir(), `${namePrefix()}files`);
}

/** True for what a run that is over two hours old has made: that run has crashed. */
export function isLeftOver(name, now = Date.now()) {
  const began = NAME.exec(name)?.[1];
  return began !== undefined && now - Number.parseInt(began, 36) > 2 * 60 * 60 * 1000;
}

export async function dropDatabases(client, isDoomed) {
  const { rows } = await client.query(`select datname from pg_database where datname like 'lh\\_test\\_%'`);
  for (const { datname } of rows) {
    if (isDoomed(datname)) await client.query(`drop database if exists "${datname}" with (force)`);
  }
}

/** A vhost on which the URL's user may do all. */
export async function addVhost(name) {
  const user = vhostUser();
  const { managementUrl } = testServices();
  if (managementUrl) {
    await callManagement('PUT', `vhosts/${name}`);
    await callManagement('PUT', `permissions/${name}/${user}`, { configure: '.*', write: '.*', read: '.*' });
    return;
  }
  // One call for both: each start of rabbitmqctl costs half a second or more. Holds on RabbitMQ 3.10 and 4.x.
  await rabbitmqctlEval(
    `V = ${binary(name)}, By = <<"longhaul-test">>, All = <<".*">>, rabbit_vhost:add(V, By), ` +
      `ok = rabbit_auth_backend_internal:set_permissions(${binary(user)}, V, All, All, All, By).`,
  );
}

/** A user of the broker, without rights. */
export async function addUser(name, password) {
  await rabbitmqctlEval(`ok = rabbit_auth_backend_internal:add_user(${binary(name)}, ${binary(password)}, <<"longhaul-test">>).`);
}

/** Gives a user rights in a virtual host, each a regular expression. */
export async function setPermissions(name, vhost, { configure, write, read }) {
  await rabbitmqctl('set_permissions', '-p', vhost, name, configure, write, read);
}

/** Removes the users of the broker for which that is true. */
export async function removeUsers(isDoomed) {
  if (testServices().managementUrl) return;
  const out = await rabbitmqctlEval('[io:format("~s~n", [proplists:get_value(user, U)]) || U <- rabbit_auth_backend_internal:list_users()], ok.');
  const names = out.split('\n').filter((name) => name.startsWith('lh_test_') && isDoomed(name));
  if (names.length === 0) return;
  await rabbitmqctlEval(`[catch rabbit_auth_backend_internal:delete_user(U, <<"longhaul-test">>) || U <- [${names.map(binary).join(', ')}]], ok.`);
}

export async function listVhosts() {
  if (testServices().managementUrl) return (await callManagement('GET', 'vhosts')).map(({ name }) => name);
  const out = await rabbitmqctlEval('[io:format("~s~n", [V]) || V <- rabbit_vhost:list_names()], ok.');
  return out.split('\n').filter((line) => line !== '' && line !== 'ok');
}

export async function removeVhosts(names) {
  if (names.length === 0) return;
  if (testServices().managementUrl) {
    for (const name of names) await callManagement('DELETE', `vhosts/${name}`);
    return;
  }
  const list = names.map(binary).join(', ');
  await rabbitmqctlEval(`[catch rabbit_vhost:delete(V, <<"longhaul-test">>) || V <- [${list}]], ok.`);
}

function vhostUser() {
  return decodeURIComponent(new URL(testServices().amqpUrl).username) || 'guest';
}

/** An Erlang binary of plain characters, so that no shell on the way to the broker can read it otherwise. */
function binary(text) {
  if (!/^[\w.@-]+$/.test(text)) throw new Error(`expected a name of letters, digits and . _ @ -, got: ${text}`);
  return `<<"${text}">>`;
}

function rabbitmqctlEval(expression) {
  return rabbitmqctl('eval', expression);
}

/** Runs a command of rabbitmqctl, by the command line of RABBITMQCTL. Resolves with its output. */
export async function rabbitmqctl(...args) {
  const command = testServices().rabbitmqctl;
  const child = spawn('sh', ['-c', `${command} -q "$@"`, 'sh', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (out += chunk));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code === 0) return out;
  throw new Error(`expected RABBITMQCTL, "${command} ${args[0]}", to reach the broker of TEST_AMQP_URL, got exit code ${code}: ${out.trim() || '(no output)'}`);
}

async function callManagement(method, path, body) {
  const base = new URL(testServices().managementUrl);
  const user = new URL(testServices().amqpUrl);
  const credentials = `${base.username || user.username}:${base.password || user.password}`;
  const response = await fetch(`${base.origin}/api/${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(decodeURIComponent(credentials)).toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!response.ok) throw new Error(`expected ${method} ${path} to work at ${base.origin}, got: ${response.status}`);
  return response.status === 200 ? response.json() : undefined;
}
