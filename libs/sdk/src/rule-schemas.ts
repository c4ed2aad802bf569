export type JsonSchema = Record<string, unknown>;

type Constraints = readonly never[];
type FromConstraints = (...constraints: never[]) => JsonSchema | undefined;

const STRING: JsonSchema = { type: 'string' };
const NUMBER: JsonSchema = { type: 'number' };
const LIST: JsonSchema = { type: 'array', items: {} };
const TIME: JsonSchema = {
  oneOf: [
    { format: 'date', type: 'string' },
    { format: 'date-time', type: 'string' },
  ],
};

const formatted = (format: string): JsonSchema => ({ ...STRING, format });
const matching = (pattern: string): JsonSchema => ({ ...STRING, pattern });
const notAll = (negated: JsonSchema): JsonSchema => ({ not: negated });

/** Of a plain value that a rule names; undefined for objects. */
function plain(value: unknown): JsonSchema | undefined {
  return ['string', 'number', 'boolean'].includes(typeof value) ? { type: typeof value } : undefined;
}

function exactly(value: unknown): JsonSchema | undefined {
  const schema = plain(value);
  return schema && { ...schema, enum: [value] };
}

/** Of values of one type; undefined where they are of several, or objects. */
function oneOf(values: readonly unknown[]): JsonSchema | undefined {
  const [first, ...others] = values.map((value) => plain(value)?.['type']);
  return first !== undefined && others.every((type) => type === first) ? { type: first, enum: values } : undefined;
}

function membersOf(values: readonly unknown[]): JsonSchema[] | undefined {
  const schemas = values.map(exactly).filter((schema) => schema !== undefined);
  return schemas.length > 0 && schemas.length === values.length ? schemas : undefined;
}

/**
 * The JSON Schema of each rule of class-validator, by the rule's name: what class-validator-jsonschema gives, which the tests compare it with. A rule that is
 * not here says no more than the field's type does.
 */
const RULES: Readonly<Record<string, JsonSchema | FromConstraints>> = {
  whitelistValidation: {},
  conditionalValidation: {},
  isDefined: notAll({ type: 'null' }),
  isEmpty: {
    anyOf: [
      { type: 'string', enum: [''] },
      { not: { anyOf: ['string', 'number', 'boolean', 'integer', 'array', 'object'].map((type) => ({ type })) }, nullable: true },
    ],
  },
  isNotEmpty: { ...STRING, minLength: 1 },
  equals: exactly,
  notEquals: (value: unknown) => {
    const schema = exactly(value);
    return schema && notAll(schema);
  },
  isIn: oneOf,
  isNotIn: (values: unknown[]) => {
    const schema = oneOf(values);
    return schema && notAll(schema);
  },
  isEnum: (values: object) => ({ ...STRING, enum: Object.values(values) as unknown[] }),

  isBoolean: { type: 'boolean' },
  isString: STRING,
  isNumber: NUMBER,
  isInt: { type: 'integer' },
  isObject: { type: 'object' },
  isNotEmptyObject: { type: 'object', minProperties: 1 },
  isDate: TIME,

  isDivisibleBy: (multipleOf: number) => ({ ...NUMBER, multipleOf }),
  isPositive: { ...NUMBER, exclusiveMinimum: 0 },
  isNegative: { ...NUMBER, exclusiveMaximum: 0 },
  min: (minimum: number) => ({ ...NUMBER, minimum }),
  max: (maximum: number) => ({ ...NUMBER, maximum }),
  minDate: (date: Date) => ({ ...TIME, description: `After ${date.toJSON()}` }),
  maxDate: (date: Date) => ({ ...TIME, description: `Before ${date.toJSON()}` }),

  minLength: (minLength: number) => ({ ...STRING, minLength }),
  maxLength: (maxLength: number) => ({ ...STRING, maxLength }),
  isLength: (minLength: number, maxLength?: number) => ({ ...STRING, minLength, ...(typeof maxLength === 'number' ? { maxLength } : {}) }),
  isByteLength: STRING,
  matches: (pattern: RegExp) => matching(pattern.source),
  contains: matching,
  notContains: (pattern: string) => ({ ...STRING, not: { pattern } }),
  isLowercase: STRING,
  isUppercase: STRING,
  isVariableWidth: STRING,
  isBooleanString: { ...STRING, enum: ['true', 'false'] },
  isDateString: matching('\\d{4}-[01]\\d-[0-3]\\dT[0-2]\\d:[0-5]\\d:[0-5]\\d.\\d+Z?'),
  isIso8601: TIME,
  isMilitaryTime: matching('^([01]\\d|2[0-3]):?([0-5]\\d)$'),
  isNumberString: matching('^[-+]?[0-9]+$'),
  isAlpha: matching('^[a-zA-Z]+$'),
  isAlphanumeric: matching('^[0-9a-zA-Z]+$'),
  isAscii: matching('^[\\x00-\\x7F]+$'),
  isMultibyte: matching('[^\\x00-\\x7F]'),
  isSurrogatePair: matching('[\\uD800-\\uDBFF][\\uDC00-\\uDFFF]'),
  isFullWidth: matching('[^\\u0020-\\u007E\\uFF61-\\uFF9F\\uFFA0-\\uFFDC\\uFFE8-\\uFFEE0-9a-zA-Z]'),
  isHalfWidth: matching('[\\u0020-\\u007E\\uFF61-\\uFF9F\\uFFA0-\\uFFDC\\uFFE8-\\uFFEE0-9a-zA-Z]'),
  isHexadecimal: matching('^[0-9a-fA-F]+$'),
  isHexColor: matching('^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$'),
  isMongoId: matching('^[0-9a-fA-F]{24}$'),
  isBase64: formatted('base64'),
  isCreditCard: formatted('credit-card'),
  isCurrency: formatted('currency'),
  isEmail: formatted('email'),
  isFqdn: formatted('hostname'),
  isIp: (version?: unknown) => formatted(version === '6' ? 'ipv6' : 'ipv4'),
  isIsbn: formatted('isbn'),
  isIsin: formatted('isin'),
  isJson: formatted('json'),
  isMobilePhone: formatted('mobile-phone'),
  isUrl: formatted('url'),
  isUuid: formatted('uuid'),

  isArray: LIST,
  arrayNotEmpty: { ...LIST, minItems: 1 },
  arrayMinSize: (minItems: number) => ({ ...LIST, minItems }),
  arrayMaxSize: (maxItems: number) => ({ ...LIST, maxItems }),
  arrayUnique: { ...LIST, uniqueItems: true },
  arrayContains: (values: unknown[]) => {
    const members = membersOf(values);
    return members ? { type: 'array', not: { anyOf: members.map((member) => ({ items: { not: member } })) } } : LIST;
  },
  arrayNotContains: (values: unknown[]) => {
    const members = membersOf(values);
    return members ? { type: 'array', items: { not: { anyOf: members } } } : LIST;
  },
};

/** Undefined where the rule's constraints cannot be said in a schema; null for a rule that has none. */
export function schemaOfRule(name: string, constraints: readonly unknown[] = []): JsonSchema | undefined | null {
  if (!Object.hasOwn(RULES, name)) return null;
  const rule = RULES[name];
  return typeof rule === 'function' ? rule(...(constraints as Constraints)) : rule;
}
