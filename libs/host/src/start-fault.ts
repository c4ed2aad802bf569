import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { shownPath } from './shown-path.js';

/** This build: of the npm package, or of the repository. */
const BUILD = fileURLToPath(new URL('../../../', import.meta.url));
const INSTALLED = BUILD.includes('/node_modules/');

/** Errors that need no stack: their message names a fault of the configuration. */
const PLAIN = new Set([
  'AddressPolicyError',
  'ConfigError',
  'ConfigFileError',
  'ConnectionUrlError',
  'DatabaseError',
  'LiveWorkers',
  'NewerSchema',
  'PendingMigrations',
  'SchemaTaken',
  'SlotsError',
  'StorageConfigError',
  'TooOldServer',
  'TransactionPooling',
]);

interface SystemError extends Error {
  code?: string;
  syscall?: string;
  address?: string;
  hostname?: string;
  port?: number;
}

/** One line for a failed start that an operator can fix; undefined for an error that needs a stack. Tests say whether Longhaul is `installed`. */
export function startFault(error: unknown, installed = INSTALLED): string | undefined {
  if (typeof error !== 'object' || error === null || !('message' in error)) return undefined;
  const fault = error as SystemError;
  if (PLAIN.has(fault.name) || PLAIN.has(fault.constructor.name)) return fault.message;
  return listenFault(fault) ?? missingPackage(fault, installed) ?? missingFile(fault);
}

function listenFault({ code, syscall, address, hostname, port }: SystemError): string | undefined {
  if (syscall === 'getaddrinfo') return `expected HOST to be an address of this machine, got: ${String(hostname)}, which is not known (${String(code)})`;
  if (syscall !== 'listen') return undefined;
  const where = `${String(address)}:${String(port)}`;
  switch (code) {
    case 'EADDRINUSE':
      return `expected ${where} to be free, got: another process listens there; end it, or choose another PORT (worker: WORKER_PORT)`;
    case 'EACCES':
      return `expected to be allowed to listen on ${where}, got: ${code}; ports below 1024 need a privilege: choose another PORT (worker: WORKER_PORT)`;
    case 'EADDRNOTAVAIL':
      return `expected HOST to be an address of this machine, got: ${String(address)}`;
    default:
      return undefined;
  }
}

/** The name of a missing package (https://nodejs.org/api/errors.html#err_module_not_found); undefined for other errors and for missing files of Longhaul. */
function missingPackage({ code, message }: SystemError, installed: boolean): string | undefined {
  const name = /^Cannot find (?:package|module) '([^'./][^']*)'/.exec(message)?.[1];
  if ((code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') || name === undefined) return undefined;
  // An installed Longhaul lacks an optional package, or its project one of its own; in a checkout the lock file has all packages.
  const command = installed || message.includes('/node_modules/longhaul/') ? `npm install ${name}` : 'npm ci';
  return `expected the package ${name} to be installed, got none; run: ${command}`;
}

/** An import of a project's own that leads to no file; undefined for a file of Longhaul, which is our fault. */
function missingFile({ code, message }: SystemError): string | undefined {
  const [, file, from] = /^Cannot find module '([^']+)' imported from (.+)$/.exec(message) ?? [];
  if (code !== 'ERR_MODULE_NOT_FOUND' || file === undefined || from === undefined || from.startsWith(BUILD)) return undefined;
  const ending = ['.js', '.mjs', '.cjs', '/index.js'].find((each) => existsSync(`${file}${each}`));
  const fix = ending === undefined ? 'mend the import, or compile what it names' : `write the import with its ending: ${ending}`;
  return `expected ${shownPath(from)} to import files that are there, got: ${shownPath(file)}; ${fix}`;
}
