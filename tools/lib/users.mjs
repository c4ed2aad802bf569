// Started by root, a service runs as an unprivileged user, and that user must be able to reach its files.

import { chmodSync, chownSync, lchownSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { say } from './log.mjs';
import { project, stateDir } from './paths.mjs';

/** @typedef {{ name: string, uid: number, gid: number }} User */

export const isRoot = process.getuid?.() === 0;

/** The first of these users that exists, for root; undefined (stay who we are) for all others. @param {string[]} names */
export function serviceUser(...names) {
  if (!isRoot) return undefined;
  const lines = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of names) {
    const found = lines.find((fields) => fields[0] === name);
    if (found) return /** @type {User} */ ({ name, uid: Number(found[2]), gid: Number(found[3]) });
  }
  return undefined;
}

/** The folder for services' data: in the project, unless that is where only root can go (a checkout in /root). */
export function serviceDir() {
  if (!isRoot || isReachableByAll(project)) return stateDir;
  const dir = `/var/tmp/longhaul-${createHash('sha256').update(project).digest('hex').slice(0, 12)}`;
  if (!said) say(`${project} can be read by root only, so the services that run as other users keep their data in ${dir}`);
  said = true;
  return dir;
}
let said = false;

/** True if any user may walk down to it. */
export function isReachableByAll(/** @type {string} */ path) {
  for (let dir = path; ; dir = dirname(dir)) {
    const stats = statSync(dir);
    if (stats.isDirectory() && (stats.mode & 0o001) === 0) return false;
    if (dir === dirname(dir)) return true;
  }
}

/** A folder below `serviceDir()` that belongs to `user` and to nobody else. @param {User | undefined} user @param {string} name */
export function privateDir(user, name) {
  const base = serviceDir();
  mkdirSync(base, { recursive: true, mode: 0o755 });
  // Made by us, or we do not use it: in /var/tmp another user could have put one there before.
  if (isRoot && statSync(base).uid !== 0 && base !== stateDir) throw new Error(`${base} belongs to another user`);
  if (isRoot) chmodSync(base, 0o755); // Whatever the umask was: the services' users must get through.
  const dir = join(base, name);
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o700);
  if (user) chownSync(dir, user.uid, user.gid);
  return dir;
}

/** @param {string} dir @param {User} user */
export function chownAll(dir, user) {
  for (const name of readdirSync(dir, { recursive: true })) lchownSync(join(dir, String(name)), user.uid, user.gid);
}
