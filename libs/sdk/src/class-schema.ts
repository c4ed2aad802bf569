import type { Type } from '@nestjs/common';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { getMetadataStorage } from 'class-validator';
import { type JsonSchema, schemaOfRule } from './rule-schemas.js';

interface Rule {
  target: unknown;
  propertyName: string;
  /** The rule's name, which for most is that of its constraint. */
  type: string;
  each: boolean;
  constraints: readonly unknown[] | undefined;
}

const OPTIONAL = ['conditionalValidation', 'isEmpty'];

/** The JSON Schema of a class by its class-validator decorators; `$ref` names a class of a field. Empty for a class without rules. */
export function classSchema(target: Type<object>): JsonSchema {
  const rules = rulesOf(target);
  // A class that adds no rule has those of the next above it that does.
  let owner = target;
  while (!rules.some((rule) => rule.target === owner)) {
    owner = Object.getPrototypeOf(owner) as Type<object>;
    if (typeof owner !== 'function') return {};
  }
  const byField = new Map<string, Rule[]>();
  for (const rule of shownRules(owner, rules)) byField.set(rule.propertyName, [...(byField.get(rule.propertyName) ?? []), rule]);
  const properties = Object.fromEntries([...byField].map(([name, ofField]) => [name, amended(merged(ofField.map(schemaOf)), owner, name)]));
  const required = [...byField].filter(([, ofField]) => !ofField.some((rule) => OPTIONAL.includes(rule.type))).map(([name]) => name);
  return amended({ type: 'object', properties, ...(required.length > 0 ? { required } : {}) }, owner, owner.name);
}

function rulesOf(target: Type<object>): Rule[] {
  const storage = getMetadataStorage();
  return storage.getTargetValidationMetadatas(target, '', true, false).map((rule) => {
    const [constraint] = storage.getTargetValidatorConstraints(rule.constraintCls);
    return { target: rule.target, propertyName: rule.propertyName, type: constraint?.name ?? rule.type, each: rule.each, constraints: rule.constraints };
  });
}

/** The class's own rules, then those of its ancestors that it does not state anew; fields by the names that class-transformer reads. */
function shownRules(owner: Type<object>, rules: Rule[]): Rule[] {
  const own = rules.filter((rule) => rule.target === owner);
  const isAnew = ({ propertyName, type }: Rule) => own.some((rule) => rule.propertyName === propertyName && rule.type === type);
  const inherited = rules.filter(({ target }) => typeof target === 'function' && owner.prototype instanceof target);
  return [...own, ...inherited.filter((rule) => !isAnew(rule))]
    .filter((rule) => ![rule.target, owner].some((target) => defaultMetadataStorage.findExcludeMetadata(target, rule.propertyName)))
    .map((rule) => {
      const exposed = defaultMetadataStorage.getExposedMetadatas(rule.target).find((other) => other.propertyName === rule.propertyName);
      return { ...rule, propertyName: exposed?.options.name ?? rule.propertyName };
    });
}

function schemaOf(rule: Rule): JsonSchema | undefined {
  const type = defaultMetadataStorage.findTypeMetadata(rule.target, rule.propertyName);
  const known = rule.type === 'nestedValidation' ? null : schemaOfRule(rule.type, rule.constraints);
  const schema = known === null ? schemaOfType(rule.type === 'nestedValidation' && type ? type.typeFunction() : declaredType(rule)) : known;
  if (!rule.each) return schema;
  const reflected = type?.reflectedType;
  const isMap = typeof reflected === 'function' && (reflected === Map || reflected.prototype instanceof Map);
  return isMap ? { type: 'object', additionalProperties: { ...schema } } : { type: 'array', ...(schema ? { items: schema } : {}) };
}

/** What the compiler wrote down of the field. */
function declaredType({ target, propertyName }: Rule): unknown {
  return typeof target === 'function' ? Reflect.getMetadata('design:type', target.prototype as object, propertyName) : undefined;
}

function schemaOfType(type: unknown): JsonSchema | undefined {
  if (typeof type !== 'function') return undefined;
  if (type === String || type === Symbol) return { type: 'string' };
  if (type === Number) return { type: 'number' };
  if (type === Boolean) return { type: 'boolean' };
  return { $ref: `#/definitions/${type.name}` };
}

/** With what a `@JSONSchema` of class-validator-jsonschema adds, where a project uses it; its key is a symbol that it keeps to itself. */
function amended(schema: JsonSchema, target: Type<object>, property: string): JsonSchema {
  const keys: unknown[] = Reflect.getMetadataKeys(target, property);
  const key = keys.find((name) => typeof name === 'symbol' && name.description === 'class-validator-jsonschema:JSONSchema');
  if (key === undefined) return schema;
  const added = Reflect.getMetadata(key, target, property) as JsonSchema | ((schema: JsonSchema, options: object) => JsonSchema);
  return typeof added === 'function' ? added(schema, {}) : merged([schema, added]);
}

/** One schema that says what all of them say. Lists are merged by place. */
function merged(schemas: readonly (JsonSchema | undefined)[]): JsonSchema {
  return schemas.reduce<JsonSchema>((whole, schema = {}) => mergedValue(whole, schema) as JsonSchema, {});
}

function mergedValue(one: unknown, other: unknown): unknown {
  if (other === undefined) return one;
  if (Array.isArray(other)) {
    const under: unknown[] = Array.isArray(one) ? one : [];
    return [...other.map((member, place) => mergedValue(under[place], member)), ...under.slice(other.length)];
  }
  if (typeof other !== 'object' || other === null || Object.getPrototypeOf(other) !== Object.prototype) return other;
  const under = typeof one === 'object' && one !== null && !Array.isArray(one) ? (one as JsonSchema) : {};
  const members = Object.entries(other).map(([name, member]) => [name, mergedValue(under[name], member)]);
  return { ...under, ...(Object.fromEntries(members) as object) };
}
