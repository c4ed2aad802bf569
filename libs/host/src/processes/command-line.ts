import { existsSync, readFileSync } from 'node:fs';

/** The description of a process of Longhaul on its command line. */
export interface CommandLine {
  /** The command that starts it, such as `npm run start:gateway`. */
  command: string;
  /** One sentence about what the process does. */
  does: string;
}

/** The package.json of the repository or the image. The source and the build of this module lie at different depths below it. */
const PACKAGE = ['../../../../package.json', '../../../../../package.json'].map((path) => new URL(path, import.meta.url)).find((url) => existsSync(url));

/**
 * Answers `--help` and `--version` and ends the process. It refuses any other argument with exit code 2, because the environment alone
 * configures the process, and an argument would be ignored silently. Then it reads `.env`, see {@link loadEnvironmentFile}.
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
 * Sets the variables of `.env` in the working directory, or of `LONGHAUL_ENV_FILE` (empty for none). Variables that are already set do not
 * change. When a named file does not exist, the process ends with that reason.
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
