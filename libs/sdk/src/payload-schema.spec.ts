import 'reflect-metadata';
import { Type } from 'class-transformer';
import { IsArray, IsInt, IsString, ValidateNested } from 'class-validator';
import { payloadSchema } from './payload-schema.js';

class Point {
  @IsInt() x!: number;
}
class Shape {
  @IsArray() @ValidateNested({ each: true }) @Type(() => Point) points!: Point[];
  @ValidateNested() @Type(() => Point) centre!: Point;
}
class Tree {
  @IsString() name!: string;
  @ValidateNested() @Type(() => Tree) left!: Tree;
}
const POINT = { type: 'object', properties: { x: { type: 'integer' } }, required: ['x'], additionalProperties: false };

describe('the schema of a payload', () => {
  test('is complete in itself: classes of fields are written out', () => {
    expect(payloadSchema(Shape)).toMatchObject({ properties: { points: { type: 'array', items: POINT }, centre: POINT } });
    expect(JSON.stringify(payloadSchema(Shape))).not.toContain('$ref');
  });

  test('ends for a class inside itself', () => {
    expect(payloadSchema(Tree)).toMatchObject({ properties: { left: { type: 'object' } } });
    expect(JSON.stringify(payloadSchema(Tree)).length).toBeLessThan(1_000);
  });
});
