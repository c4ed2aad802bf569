import type { Fault } from '@app/core';
import { faultsOf } from '@app/sdk';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';

/** What is wrong with an object as one of a class, with pointers below `pointer`; fields that the class does not have are. */
export function dtoFaults(dto: new () => object, value: object, pointer: string): Fault[] {
  // `IsOptional` lets null pass: say that it is not a value.
  const nulls = Object.entries(value)
    .filter(([, member]) => member === null)
    .map(([name]) => ({ pointer: `${pointer}/${name}`, detail: 'must not be null; leave it out' }));
  return [...nulls, ...faultsOf(validateSync(plainToInstance(dto, value), { whitelist: true, forbidNonWhitelisted: true }), pointer)];
}
