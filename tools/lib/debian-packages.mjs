// Installing a service from Debian's or Ubuntu's packages: said before it is done, and nothing is started by it.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { capture, findProgram } from './commands.mjs';
import { PlainError, say } from './log.mjs';
import { inCheckout } from './paths.mjs';
import { isRoot } from './users.mjs';

const POLICY = '/usr/sbin/policy-rc.d';
let listsAreFresh = false;

export function isDebian() {
  return existsSync('/etc/debian_version') && findProgram('apt-get') !== null;
}

/** Why packages may not be installed here, or null when they may. */
export function whyNotInstall() {
  if (!inCheckout) return 'an npm package installs no system packages';
  if (process.env.LONGHAUL_INSTALL === '0') return 'LONGHAUL_INSTALL=0 forbids it';
  if (!isDebian()) return 'this is not Debian or Ubuntu';
  if (!isRoot) return 'only root may';
  return null;
}

/** True when it is installed. A failure (no network, say) is told and is not the end. @param {string} name */
export async function installPackage(name) {
  say(
    `installing Debian's package ${name} with apt-get, since none runs or is installed here (LONGHAUL_INSTALL=0 ` +
      'forbids this). Its own service is not started; Longhaul starts a private one.',
  );
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const release = forbidServiceStart();
  try {
    if (!listsAreFresh) await aptGet(['update', '-qq'], env);
    listsAreFresh = true;
    await aptGet(['install', '-y', '-qq', '--no-install-recommends', name], env);
    await keepFromBooting(name);
    return true;
  } catch (error) {
    say(`could not install ${name}: ${error instanceof Error ? error.message : error}`);
    return false;
  } finally {
    release();
  }
}

/**
 * Its hundreds of lines are shown only as far as they say why it failed. It stays in our process group: on Ctrl-C apt-get
 * stops a download, and sees dpkg through. Killing it would leave packages half configured.
 * @param {string[]} args @param {NodeJS.ProcessEnv} env
 */
async function aptGet(args, env) {
  const { code, output } = await capture('apt-get', args, { env, timeoutMs: 30 * 60_000 });
  if (code === 0) return;
  const lines = output.split('\n');
  const errors = lines.filter((line) => line.startsWith('E: '));
  throw new PlainError((errors.length > 0 ? errors : lines).slice(-3).join(' '));
}

/** invoke-rc.d asks this file; a machine that has one already (every Debian container) has said what it wants. */
function forbidServiceStart() {
  if (existsSync(POLICY)) return () => undefined;
  const text = `#!/bin/sh\n# Made by Longhaul's tools (process ${process.pid}) while they install a package.\nexit 101\n`;
  writeFileSync(POLICY, text, { mode: 0o755 });
  const release = () => {
    process.off('exit', release);
    if (existsSync(POLICY) && readFileSync(POLICY, 'utf8') === text) rmSync(POLICY);
  };
  process.on('exit', release);
  return release;
}

/** With systemd the package has enabled its service for the next boot, which nobody has asked for. */
async function keepFromBooting(/** @type {string} */ name) {
  if (!existsSync('/run/systemd/system')) return;
  await capture('systemctl', ['disable', '--quiet', name]);
  say(`the service ${name} is disabled; "systemctl enable --now ${name}" makes it an ordinary one`);
}
