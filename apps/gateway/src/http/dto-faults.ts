import { type Fault, findJsonFault } from '@app/core';
import { faultsOf, reservedMembers } from '@app/sdk';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';

/** What is wrong with an object as one of a class, with pointers below `pointer`; fields that the class does not have are. */
export function dtoFaults(dto: new () => object, value: object, pointer: string): Fault[] {
  const unstorable = findJsonFault(value, pointer);
  if (unstorable) return [unstorable];
  const reserved = reservedMembers(value, pointer);
  if (reserved.length > 0) return reserved;
  // `IsOptional` lets null pass: say that it is not a value.
  const nulls = Object.entries(value)
    .filter(([, member]) => member === null)
    .map(([name]) => ({ pointer: `${pointer}/${name}`, detail: 'must not be null; leave it out' }));
  return [...nulls, ...faultsOf(validateSync(plainToInstance(dto, value), { whitelist: true, forbidNonWhitelisted: true }), pointer)];
}
