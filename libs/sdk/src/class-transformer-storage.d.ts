// class-transformer keeps the metadata of its decorators here, and exports them nowhere else:
// https://github.com/epiphone/class-validator-jsonschema#schema-for-nested-classes
declare module 'class-transformer/cjs/storage.js' {
  interface TypeMetadata {
    typeFunction(): unknown;
    reflectedType: unknown;
    options?: { discriminator?: unknown };
  }
  interface TransformMetadata {
    transformFn(parameters: { value: unknown; key: string; obj: unknown; type: number; options: object }): unknown;
  }
  export const defaultMetadataStorage: {
    findTypeMetadata(target: unknown, property: string): TypeMetadata | undefined;
    findTransformMetadatas(target: unknown, property: string, transformationType: number): TransformMetadata[];
    findExcludeMetadata(target: unknown, property: string): object | undefined;
    getExposedMetadatas(target: unknown): { propertyName?: string; options: { name?: string } }[];
    getExposedProperties(target: unknown, transformationType: number): string[];
    getExcludedProperties(target: unknown, transformationType: number): string[];
  };
}
