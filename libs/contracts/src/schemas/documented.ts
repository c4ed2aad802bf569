import type * as Swagger from '@nestjs/swagger';

// The decorators that describe the API. @nestjs/swagger takes a third of a second and 50 MB to load, and most gateways are never asked for their
// document: what is said here is kept, and told to @nestjs/swagger once somebody asks.

type Told = (swagger: typeof Swagger) => void;
const kept: Told[] = [];

/** Says all that has been kept to @nestjs/swagger, in the order in which it was said. Each thing is said once. */
export function tellSwagger(swagger: typeof Swagger): void {
  for (const told of kept.splice(0)) told(swagger);
}

type Decorators = { [Name in keyof typeof Swagger as Name extends `Api${string}` ? Name : never]: (typeof Swagger)[Name] };
type Decorator = (...target: unknown[]) => void;

function decorator<Name extends keyof Decorators>(name: Name): Decorators[Name] {
  const factory = (...options: unknown[]): Decorator => {
    return (...target) => void kept.push((swagger) => (swagger[name] as (...given: unknown[]) => Decorator)(...options)(...target));
  };
  return factory;
}

export const ApiBody = decorator('ApiBody');
export const ApiConsumes = decorator('ApiConsumes');
export const ApiCreatedResponse = decorator('ApiCreatedResponse');
export const ApiExcludeController = decorator('ApiExcludeController');
export const ApiExtraModels = decorator('ApiExtraModels');
export const ApiHeader = decorator('ApiHeader');
export const ApiOkResponse = decorator('ApiOkResponse');
export const ApiOperation = decorator('ApiOperation');
export const ApiProperty = decorator('ApiProperty');
export const ApiPropertyOptional = decorator('ApiPropertyOptional');
export const ApiQuery = decorator('ApiQuery');
export const ApiResponse = decorator('ApiResponse');
export const ApiSchema = decorator('ApiSchema');
export const ApiTags = decorator('ApiTags');

/** Where the document has the schema of a class. */
export function getSchemaPath(model: string | { name: string }): string {
  return `#/components/schemas/${typeof model === 'string' ? model : model.name}`;
}
