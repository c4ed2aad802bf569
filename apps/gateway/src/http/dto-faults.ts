import { type Fault, findJsonFault, nearest } from '@app/core';
import { validatePayload } from '@app/sdk';
import { getMetadataStorage } from 'class-validator';

/** What is wrong with an object as one of a class, with pointers below `pointer`; fields that the class does not have are. */
export function dtoFaults(dto: new () => object, value: object, pointer: string, aliases: Readonly<Record<string, string>> = {}): Fault[] {
  const unstorable = findJsonFault(value, pointer);
  if (unstorable) return [unstorable];
  // `IsOptional` lets null pass: say that it is not a value.
  const nulls = Object.keys(value)
    .filter((name) => (value as Record<string, unknown>)[name] === null)
    .slice(0, ENOUGH)
    .map((name) => ({ pointer: `${pointer}/${name}`, detail: 'must not be null; leave it out' }));
  const faults = validatePayload(dto, value as never, undefined, pointer);
  return [...nulls, ...faults.map((fault) => withHint(fault, pointer, dto, aliases))];
}

const ENOUGH = 20;
export const UNKNOWN = 'is not a known field';
/** Nobody means by a longer one what is near to it. */
export const LONGEST_NAME = 40;

/** An unknown field with the known one that was probably meant. */
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

/** Without case, and without what divides words. */
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
