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

/** One line for a failed start that an operator can fix; undefined for an error that needs a stack. */
export function startFault(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('message' in error)) return undefined;
  const fault = error as SystemError;
  if (PLAIN.has(fault.name) || PLAIN.has(fault.constructor.name)) return fault.message;
  return listenFault(fault) ?? missingPackage(fault);
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
function missingPackage({ code, message }: SystemError): string | undefined {
  const name = /^Cannot find (?:package|module) '([^'./][^']*)'/.exec(message)?.[1];
  if ((code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') || name === undefined) return undefined;
  // An installed Longhaul lacks an optional package; in a checkout the lock file has all packages.
  const command = message.includes('/node_modules/longhaul/') ? `npm install ${name}` : 'npm ci';
  return `expected the package ${name} to be installed, got none; run: ${command}`;
}
