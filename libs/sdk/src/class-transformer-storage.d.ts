// class-transformer keeps the types of nested fields here and exports it by no other way:
// https://github.com/epiphone/class-validator-jsonschema#schema-for-nested-classes
declare module 'class-transformer/cjs/storage.js' {
  export const defaultMetadataStorage: { findTypeMetadata(target: unknown, property: string): { typeFunction(): unknown } | undefined };
}
