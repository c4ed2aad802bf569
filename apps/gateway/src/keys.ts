import 'reflect-metadata';
import { SCOPES } from '@app/contracts';
import { ALL_TENANTS, isUuid } from '@app/core';
import { createLogger, Environment, IDLE_SECONDS, newApiKey, readTenant, runtimeConfig, Store } from '@app/host';
import type { ApiKey, OpenSession } from '@app/postgres';
import { audit, by, Misused, printTable, readReason, type Reason, runCommand } from './database-command.js';
import { readNewKey, readOverlap } from './rights/key-requests.js';
import { makeKey, rotateKey, stateOf } from './rights/key-ring.js';
import { reasonsConfig } from './rights/reasons.config.js';

/**
 * `longhaul keys`: makes, lists and revokes API keys in the database, which needs no key. What it prints on standard output is for programs; the rest goes
 * to standard error. What the command line asks comes as one JSON argument from the CLI.
 */
interface Asked {
  operands: string[];
  values: {
    name?: string;
    admin?: boolean;
    tenant?: string;
    'all-tenants'?: boolean;
    scope?: string[];
    kind?: string[];
    'requests-per-second'?: string;
    'expires-at'?: string;
    'overlap-seconds'?: string;
    reason?: string;
    json?: boolean;
    help?: boolean;
  };
}

const USAGE = `Usage: longhaul keys <command>

  list                  All keys, the newest first.
  create --name <who>   Make a key and print it, this once. --admin gives it every right; else --scope <scope>, repeatable;
                        --kind <kind or prefix.*>, repeatable: only for jobs of these; --expires-at <time>;
                        --requests-per-second <n> in place of REQUESTS_PER_SECOND, 0 for any number.
                        --tenant <name>: it sees and makes what is of this tenant alone; --all-tenants: of all. With neither it is
                        for all tenants where it may change what belongs to the whole installation, and else of the tenant default.
  rotate <id>           Make a key with the same rights; the former one ends after --overlap-seconds (a day unless given).
  revoke <id>           No gateway takes it after 2 s.
  sessions              The sessions of browsers that are open, the newest first.
  revoke-session <id>   No gateway takes it after 2 s.
  generate              Print a key and its SHA-256 for LONGHAUL_BOOTSTRAP_KEY_HASH. Stores nothing and needs no database.

  --reason <text>       Why, for the audit; create, rotate, revoke and revoke-session need it where REQUIRE_REASONS says so.
  --json                Print JSON.

Scopes:
${Object.entries(SCOPES)
  .map(([scope, meaning]) => `  ${scope.padEnd(22)}${meaning}`)
  .join('\n')}
`;

async function perform({ operands: [command, id], values }: Asked): Promise<void> {
  if (values.help === true) {
    process.stdout.write(USAGE);
    return;
  }
  if (command === 'generate') {
    generate(values.json === true);
    return;
  }
  if (!['list', 'create', 'rotate', 'revoke', 'sessions', 'revoke-session'].includes(command ?? ''))
    throw new Misused(`expected keys list, create, rotate, revoke, sessions, revoke-session or generate, got: keys ${command ?? ''}`);
  if ((command === 'rotate' || command === 'revoke') && id === undefined) throw new Misused(`expected the id of a key: longhaul keys ${command} <id>`);
  if (command === 'revoke-session' && (id === undefined || !isUuid(id))) throw new Misused('expected the id of a session: longhaul keys revoke-session <id>');
  const env = new Environment(process.env);
  const reason = reasonFor(command as string, values.reason, reasonsConfig(env));
  const store = await Store.open(runtimeConfig(env), 'longhaul keys', createLogger('keys', 'fatal'), { patienceMs: 5_000 });
  try {
    if (command === 'list') list(await store.keys.list(), store.time.now(), values.json === true);
    else if (command === 'create') await create(store, values, reason);
    else if (command === 'sessions') listSessions(await store.sessions.list(IDLE_SECONDS), values.json === true);
    else if (command === 'revoke-session') await revokeSession(store, id as string, reason);
    else if (command === 'rotate') await rotate(store, id as string, values, reason);
    else await revoke(store, id as string, reason);
  } finally {
    await store.close();
  }
}

/** By the rules of the API, for the same acts. */
function reasonFor(command: string, given: string | undefined, required: ReadonlySet<string>): Reason {
  const read = readReason(given);
  if (read.reason !== undefined) return read;
  const act = command === 'revoke-session' ? 'revokeSession' : `${command}Key`;
  if (required.has(act)) throw new Misused(`expected --reason <text>: this installation requires one for ${act} (REQUIRE_REASONS)`);
  return {};
}

async function create(
  store: Store,
  { name, admin, tenant, 'all-tenants': all, scope, kind, 'requests-per-second': rate, 'expires-at': expiresAt, json }: Asked['values'],
  reason: Reason,
): Promise<void> {
  if (all === true && tenant !== undefined) throw new Misused('expected --tenant or --all-tenants, got both');
  const scopes = admin === true ? ['admin'] : scope;
  const whose = all === true ? { tenant: null } : tenant === undefined ? {} : { tenant };
  const more = { ...whose, ...(kind ? { kinds: kind } : {}), ...(expiresAt === undefined ? {} : { expiresAt }), ...rateOf(rate) };
  const wanted = readNewKey({ name, scopes, ...more }, store.time.now(), null);
  const { key, text } = await makeKey(store.keys, wanted, by());
  await audit(store, 'createKey', '/keys', { after: { id: key.id, name: key.name, tenant: readTenant(key.tenant), scopes: key.scopes }, ...reason });
  show(text, key, json === true);
}

/** What is no number is refused with the rest of the key, in its words. */
function rateOf(rate: string | undefined): { requestsPerSecond?: string | number } {
  return rate === undefined ? {} : { requestsPerSecond: /^\d+$/.test(rate) ? Number(rate) : rate };
}

async function rotate(store: Store, id: string, { 'overlap-seconds': overlap, json }: Asked['values'], reason: Reason): Promise<void> {
  const seconds = readOverlap(overlap === undefined ? undefined : { overlapSeconds: /^\d+$/.test(overlap) ? Number(overlap) : overlap });
  const former = await store.keys.find(id);
  if (!former || former.revokedAt) throw new Misused(`there is no valid key ${id}; longhaul keys list shows them`);
  const { key, text } = await rotateKey(store.keys, former, seconds, by());
  await audit(store, 'rotateKey', `/keys/${id}/rotate`, { after: { id: key.id }, ...reason });
  process.stderr.write(`key ${id} ends in ${seconds} s\n`);
  show(text, key, json === true);
}

async function revoke(store: Store, id: string, reason: Reason): Promise<void> {
  const key = await store.keys.revoke(id, by());
  if (!key) throw new Misused(`there is no key ${id}; longhaul keys list shows them`);
  await audit(store, 'revokeKey', `/keys/${id}`, { ...reason });
  process.stderr.write(`revoked ${id} (${key.name})\n`);
}

function generate(json: boolean): void {
  const { text, hash } = newApiKey();
  const sha256 = hash.toString('hex');
  process.stdout.write(json ? `${JSON.stringify({ key: text, sha256 })}\n` : `${text}\nLONGHAUL_BOOTSTRAP_KEY_HASH=${sha256}\n`);
}

function show(text: string, { id, name, tenant, scopes }: ApiKey, json: boolean): void {
  if (json) return void process.stdout.write(`${JSON.stringify({ id, name, tenant: readTenant(tenant), scopes, key: text })}\n`);
  process.stderr.write(`made key ${id} (${name}), ${tenant === ALL_TENANTS ? 'for all tenants' : `of the tenant ${tenant}`}; it is shown this once:\n`);
  process.stdout.write(`${text}\n`);
}

function list(keys: ApiKey[], now: number, json: boolean): void {
  if (json) return void process.stdout.write(`${JSON.stringify({ items: keys.map((key) => ({ ...key, tenant: readTenant(key.tenant) })) })}\n`);
  if (keys.length === 0) return void process.stderr.write('there is no key; longhaul keys create --name <who> --admin makes one\n');
  const rows = keys.map((key) => [
    key.id,
    key.name,
    readTenant(key.tenant) ?? 'all',
    stateOf(key, now),
    key.scopes.join(','),
    key.kinds?.join(',') ?? 'all',
    key.lastUsedAt?.toISOString() ?? 'never',
  ]);
  printTable([['ID', 'NAME', 'TENANT', 'STATE', 'SCOPES', 'KINDS', 'LAST USED'], ...rows]);
}

function listSessions(sessions: OpenSession[], json: boolean): void {
  if (json) return void process.stdout.write(`${JSON.stringify({ items: sessions.map((each) => ({ ...each, tenant: readTenant(each.tenant) })) })}\n`);
  if (sessions.length === 0) return void process.stderr.write('nobody is signed in\n');
  const rows = sessions.map(
    ({ id, subject, name, tenant, scopes, lastUsedAt, until }) =>
    [id, subject, name, readTenant(tenant) ?? 'all', scopes.join(','), lastUsedAt.toISOString(), until.toISOString()], // prettier-ignore
  );
  printTable([['ID', 'SUBJECT', 'NAME', 'TENANT', 'SCOPES', 'LAST USED', 'UNTIL'], ...rows]);
}

async function revokeSession(store: Store, id: string, reason: Reason): Promise<void> {
  if (!(await store.sessions.revoke(id))) throw new Misused(`there is no open session ${id}; longhaul keys sessions shows them`);
  await audit(store, 'revokeSession', `/sessions/${id}`, { ...reason });
  process.stderr.write(`revoked the session ${id}\n`);
}

runCommand(perform);
