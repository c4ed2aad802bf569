import { type Fault, findJsonFault, nearest } from '@app/core';
import { validatePayload } from '@app/sdk';
import { getMetadataStorage } from 'class-validator';

/** The faults of an object as an instance of a class, with pointers below `pointer`. Fields that the class does not have are faults too. */
export function dtoFaults(dto: new () => object, value: object, pointer: string, aliases: Readonly<Record<string, string>> = {}): Fault[] {
  const unstorable = findJsonFault(value, pointer);
  if (unstorable) return [unstorable];
  // `IsOptional` accepts null, so null is reported here.
  const nulls = Object.keys(value)
    .filter((name) => (value as Record<string, unknown>)[name] === null)
    .slice(0, ENOUGH)
    .map((name) => ({ pointer: `${pointer}/${name}`, detail: 'must not be null; leave it out' }));
  const faults = validatePayload(dto, value as never, undefined, pointer);
  return [...nulls, ...faults.map((fault) => withHint(fault, pointer, dto, aliases))];
}

const ENOUGH = 20;
export const UNKNOWN = 'is not a known field';
/** Suggestions are made only for names up to this length. */
export const LONGEST_NAME = 40;

/** Reports an unknown field, with the known one that was probably meant. */
function withHint(fault: Fault, prefix: string, dto: new () => object, aliases: Readonly<Record<string, string>>): Fault {
  const name = fault.pointer.slice(prefix.length + 1);
  if (fault.detail !== UNKNOWN || name.length > LONGEST_NAME) return fault;
  const meant = meantBy(name, namesOf(dto), aliases);
  return meant === undefined ? fault : { ...fault, detail: `${UNKNOWN}; did you mean "${meant}"?` };
}

/** `delayMs` and `run_at` mean `delay` and `runAt`; other words that are used for an option stand among the aliases. */
export function meantBy(name: string, known: string[], aliases: Readonly<Record<string, string>>): string | undefined {
  const plain = plainName(name);
  const bare = plain.replace(/(ms|millis|milliseconds|seconds|secs|sec|minutes|s)$/, '');
  const same = known.find((candidate) => [plain, bare].includes(candidate.toLowerCase()));
  return same ?? aliases[plain] ?? aliases[bare] ?? nearest(name, known);
}

/** The word in lower case and without separators. */
export function plainName(name: string): string {
  return name.replace(/[_\s-]/g, '').toLowerCase();
}

export function namesOf(dto: new () => object): string[] {
  return [
    ...new Set(
      getMetadataStorage()
        .getTargetValidationMetadatas(dto, '', true, false)
        .map(({ propertyName }) => propertyName),
    ),
  ];
}
