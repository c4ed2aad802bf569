import 'reflect-metadata';
import { IsOptional, IsString } from 'class-validator';
import { dtoFaults } from './dto-faults.js';

class Named {
  @IsOptional() @IsString() name?: string;
}

describe('the faults of an object that should be one of a class', () => {
  test('are none for a good one', () => {
    expect(dtoFaults(Named, { name: 'a' }, '/it')).toEqual([]);
  });

  test('are told where the libraries behind would throw: a hundred thousand levels, reserved names at any depth', () => {
    const levels = 100_000;
    const deep = JSON.parse(`{"name":${'['.repeat(levels)}${']'.repeat(levels)}}`) as object;
    expect(dtoFaults(Named, deep, '/it').map((fault) => fault.detail)).toEqual(['is nested deeper than 64 levels']);
    expect(dtoFaults(Named, JSON.parse('{"name":{"constructor":"x"}}') as object, '/it')).toEqual([
      { pointer: '/it/name/constructor', detail: 'is a reserved name' },
    ]);
  });

  test('name null and unknown fields', () => {
    expect(dtoFaults(Named, { name: null, other: 1 }, '/it').map((fault) => fault.pointer)).toEqual(['/it/name', '/it/other']);
  });
});
