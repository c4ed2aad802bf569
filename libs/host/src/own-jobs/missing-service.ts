import { ConfigFileError } from '../load-config.js';
import { shownPath } from '../shown-path.js';

/** The members of Nest's own error that are read here. */
interface UnknownDependencies extends Error {
  type: string | symbol;
  context: { index?: number; name?: unknown; key?: string | symbol; dependencies?: unknown[] };
}

/** Nest's page-long error about a service that nothing provides, in one line; undefined for any other error. */
export function missingService(error: unknown, path: string): ConfigFileError | undefined {
  if (!isUnknownDependencies(error)) return undefined;
  const { type, context } = error;
  const file = shownPath(path);
  const taker = String(type);
  const { index, name, key, dependencies } = context;
  const place = index === undefined ? `property ${String(key)}` : `place ${index + 1} of its constructor`;
  const asked = name ?? (index === undefined ? undefined : dependencies?.[index]);
  if (asked === undefined || asked === Object)
    return new ConfigFileError(
      `expected all that ${taker} takes to be provided in ${file}, got at ${place} a type that is gone when the code runs; ` +
        'import the class without the word type, or name what to inject by @Inject()',
    );
  const service = nameOf(asked);
  const module = moduleOf(error);
  const where =
    module === undefined || module === 'OwnJobsModule'
      ? `add the module that exports ${service} to imports in longhaul.config.ts, or ${service} to its providers`
      : `add ${service} to the providers of ${module}, or the module that exports it to the imports of ${module}`;
  return new ConfigFileError(`expected all that ${taker} takes to be provided in ${file}, got nothing for ${service}; ${where}`);
}

function isUnknownDependencies(error: unknown): error is UnknownDependencies {
  return error instanceof Error && error.constructor.name === 'UnknownDependenciesException' && 'context' in error;
}

function nameOf(token: unknown): string {
  return typeof token === 'function' ? token.name : String(token);
}

/** The name of the module. Only the text of the error has it, and not for an injected property. */
function moduleOf({ message }: Error): string | undefined {
  return / is available in the (\S+) module\./.exec(message)?.[1];
}
