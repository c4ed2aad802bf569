// What a result depends on, beside the code: machine, versions, commit.

import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { administerPostgres, testServices } from '../../test/support/services.mjs';
import { capture } from '../../tools/lib/commands.mjs';
import { root } from '../../tools/lib/paths.mjs';

const PACKAGES = ['fastify', 'amqplib', 'pg', 'typeorm', '@nestjs/core', 'bullmq', 'ioredis', 'pg-boss', 'graphile-worker', 'autocannon'];
const SETTINGS = ['server_version', 'fsync', 'synchronous_commit', 'shared_buffers', 'max_wal_size', 'wal_compression'];

export async function describeMachine() {
  const output = async (/** @type {string} */ command, /** @type {string[]} */ ...args) => {
    const { code, output } = await capture(command, args);
    return code === 0 ? output : 'unknown';
  };
  const postgres = await administerPostgres(async (/** @type {import('pg').Client} */ client) =>
    Object.fromEntries(
      (await client.query('select name, current_setting(name) as value from pg_settings where name = any($1)', [SETTINGS])).rows.map(({ name, value }) => [
        name,
        value,
      ]),
    ),
  );
  const dirty = (await output('git', 'status', '--porcelain', '--untracked-files=no')) !== '';
  return {
    at: new Date().toISOString(),
    commit: `${await output('git', 'rev-parse', '--short', 'HEAD')}${dirty ? ' with changes' : ''}`,
    cpu: `${os.availableParallelism()} × ${os.cpus()[0]?.model ?? 'unknown'}`,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    kernel: os.release(),
    load: os.loadavg().map((value) => Number(value.toFixed(2))),
    nice: os.getPriority(),
    node: process.version,
    postgres,
    rabbitmq: (await output('sh', '-c', `${testServices().rabbitmqctl} -q version`)).split('\n').at(-1),
    redis: /v=(\S+)/.exec(await output('redis-server', '--version'))?.[1] ?? 'none',
    packages: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
  };
}

/** @param {string} name */
function versionOf(name) {
  const file = [join(root, 'bench'), root].map((folder) => join(folder, 'node_modules', name, 'package.json')).find((path) => existsSync(path));
  return file ? JSON.parse(readFileSync(file, 'utf8')).version : 'none';
}
