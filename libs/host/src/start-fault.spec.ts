import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from './environment.js';
import { startFault } from './start-fault.js';

async function listening(port: number, host: string): Promise<Error> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', resolve).listen(port, host, () => reject(new Error('expected to be refused')));
  });
}

describe('a start that fails', () => {
  test('for a port that is taken is one line that names the port and the setting (C34)', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    expect(startFault(await listening(port, '127.0.0.1'))).toBe(
      `expected 127.0.0.1:${port} to be free, got: another process listens there; end it, or choose another PORT (worker: WORKER_PORT)`,
    );
    await new Promise((resolve) => taken.close(resolve));
  });

  test('for a host that is not of this machine says so (C34)', async () => {
    expect(startFault(await listening(0, '192.0.2.1'))).toBe('expected HOST to be an address of this machine, got: 192.0.2.1');
    expect(startFault(await listening(0, 'nowhere.invalid'))).toMatch(/^expected HOST to be an address of this machine, got: nowhere.invalid/);
  });

  test('for a package that is not installed says how to install it (C34)', () => {
    const plain = Object.assign(new Error("Cannot find package 'pino' imported from /app/dist/libs/host/src/logger.js"), { code: 'ERR_MODULE_NOT_FOUND' });
    expect(startFault(plain)).toBe('expected the package pino to be installed, got none; run: npm ci');
    // A project of one's own may import what its package.json does not name, and then npm ci does not help.
    expect(startFault(plain, true)).toBe('expected the package pino to be installed, got none; run: npm install pino');
  });

  test('for an import of a project that leads to no file names both files and the ending that is missing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'longhaul-import-'));
    await writeFile(join(folder, 'greet.job.js'), '');
    const imports = (name: string) =>
      Object.assign(new Error(`Cannot find module '${join(folder, name)}' imported from ${join(folder, 'longhaul.config.js')}`), {
        code: 'ERR_MODULE_NOT_FOUND',
      });
    const expected = `expected ${folder}/longhaul.config.js to import files that are there, got: ${folder}`;
    expect(startFault(imports('greet.job'))).toBe(`${expected}/greet.job; write the import with its ending: .js`);
    expect(startFault(imports('gret.job.js'))).toBe(`${expected}/gret.job.js; mend the import, or compile what it names`);
    const ours = fileURLToPath(new URL('lifecycle.js', import.meta.url));
    expect(startFault(Object.assign(new Error(`Cannot find module '/x/y.js' imported from ${ours}`), { code: 'ERR_MODULE_NOT_FOUND' }))).toBeUndefined();
    await rm(folder, { recursive: true });
  });

  test('for a wrong setting is the message of that setting, and for a bug of ours needs its stack', () => {
    expect(startFault(new ConfigError('PORT', 'a port', 'x'))).toBe('expected PORT to be a port, got: "x"');
    expect(startFault(new TypeError('undefined is not a function'))).toBeUndefined();
  });
});
