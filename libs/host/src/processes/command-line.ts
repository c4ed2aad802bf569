import { existsSync, readFileSync } from 'node:fs';

/** What a process of Longhaul says of itself on its command line. */
export interface CommandLine {
  /** As it is started, such as `npm run start:gateway`. */
  command: string;
  /** A sentence. */
  does: string;
}

/** The file of the repository or the image; this module lies four folders below it, in the source and in the build alike. */
const PACKAGE = ['../../../../package.json', '../../../../../package.json'].map((path) => new URL(path, import.meta.url)).find((url) => existsSync(url));

/**
 * Answers `--help` and `--version` and ends the process; refuses any other argument with exit code 2, for a process that is configured
 * by its environment alone would ignore it silently. Then reads `.env`, see {@link loadEnvironmentFile}.
 */
export function readCommandLine(line: CommandLine, args = process.argv.slice(2)): void {
  const [first] = args;
  if (first === '--help' || first === '-h') answer(helpOf(line));
  if (first === '--version' || first === '-v') answer(`longhaul ${versionOf()}\n`);
  if (first !== undefined) {
    process.stderr.write(
      `longhaul: expected no arguments, got: ${args.join(' ')}; ${line.command} takes its settings from the environment, --help says more\n`,
    );
    process.exit(2);
  }
  loadEnvironmentFile();
}

/**
 * Variables of `.env` in the working directory, or of `LONGHAUL_ENV_FILE` (empty for none). A variable that is set already stays as it is.
 * A file that was named and is not there ends the process, with the reason.
 */
export function loadEnvironmentFile(): void {
  const named = process.env['LONGHAUL_ENV_FILE'];
  const path = named ?? '.env';
  if (path === '' || (named === undefined && !existsSync(path))) return;
  try {
    process.loadEnvFile(path);
  } catch (error) {
    process.stderr.write(`longhaul: expected to read the environment file ${path}, got: ${(error as Error).message}\n`);
    process.exit(1);
  }
}

function helpOf({ command, does }: CommandLine): string {
  return `Usage: ${command}

${does}

It takes its settings from the environment, and from .env in the working directory (LONGHAUL_ENV_FILE names another file; what the
environment has already wins). docs/reference/configuration.md lists every variable with its default.

  --help     this text
  --version  the version
`;
}

function versionOf(): string {
  return PACKAGE === undefined ? 'of unknown version' : (JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }).version;
}

function answer(text: string): never {
  process.stdout.write(text);
  process.exit(0);
}
