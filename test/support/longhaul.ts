import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url));

/** Runs a command of the CLI to its end, with this environment alone. */
export async function longhaul(args: string[], env: Record<string, string>): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [CLI, ...args], { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, out, err };
}

/** The text of a new API key: `longhaul keys create` with these options. */
export async function newKey(env: Record<string, string>, ...options: string[]): Promise<string> {
  const { code, out, err } = await longhaul(['keys', 'create', ...options], env);
  if (code !== 0) throw new Error(`expected a key, got: ${err}`);
  return out.trim();
}
