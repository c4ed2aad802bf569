// TypeScript of the schemas of the OpenAPI document, for libs/client/src/wire.ts: interfaces and nothing else, for the client has no dependencies.

/** @typedef {import('./api-document.mjs').Schema} Schema */
/** @typedef {import('./api-document.mjs').OpenApi} OpenApi */

const BEGINNING = '#/components/schemas/';

/** What the client has types of: these, and what they refer to. */
const JOBS = [
  'JobPage',
  'JobDetail',
  'SubmitOptions',
  'Problem',
  'RedriveLetters',
  'RedrivenLetters',
  'DiscardedLetters',
  'LetterGroupList',
  'DeadLetterPage',
  'DeadLetterDetail',
  'RedriveEdits',
  'RedrivenLetter',
  'WhyView',
  'DryRun',
  'CancelRequest',
  'CancelJobs',
  'RedriveJobs',
  'ReprioritiseJobs',
  'MoveJobs',
  'DiscardJobs',
  'MatchingJobs',
  'StepList',
  'WorkerList',
  'StatsView',
  'StatsHistory',
  'DoctorView',
];
const SCHEDULES = ['SchedulePage', 'ScheduleDetail', 'ScheduleSettings', 'ScheduleTriggered', 'ScheduleBackfill', 'ScheduleBackfilled', 'PauseNote'];
const QUEUES = ['QueueList', 'QueueSettings', 'QueueChange', 'QueuePause', 'DeclaredQueue', 'KindList', 'KindPause'];
const RIGHTS = ['AuditPage', 'TenantPage', 'TenantQuotas', 'QuotaSettings'];
const ROOTS = [...JOBS, ...SCHEDULES, ...QUEUES, ...RIGHTS, 'LimitList', 'LimitDetail', 'LimitSettings', 'LimitOverride', 'Rekeying'];
const EVENTS = ['StateEvent', 'ProgressEvent', 'LogEvent', 'ResetEvent'];

/** Operations whose query parameters are a type, by its name. */
const QUERIES = { ListJobs: 'listJobs', ListSchedules: 'listSchedules', ListAudit: 'listAudit', ListTenants: 'listTenants', HistoryQuery: 'statsHistory' };

const HEAD = `// Generated from the OpenAPI document by \`npm run contract\`: change the classes of libs/contracts, and run it again.

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
`;

/** @param {OpenApi} document */
export function wireTypes(document) {
  const { schemas } = document.components;
  const names = [...closure(schemas, [...ROOTS, ...EVENTS])].sort();
  const types = names.map((name) => declaration(name, /** @type {Schema} */ (schemas[name])));
  const queries = Object.entries(QUERIES).map(([name, id]) => declaration(name, querySchema(document, id)));
  return `${HEAD}\n${[...types, ...queries].join('\n')}`;
}

/** @param {OpenApi} document @param {string} id @returns {Schema} */
function querySchema({ paths }, id) {
  const operation = Object.values(paths)
    .flatMap((item) => Object.values(item))
    .find(({ operationId }) => operationId === id);
  if (!operation) throw new Error(`expected an operation ${id} in the document, got none`);
  return queryOf(operation);
}

/** The query parameters of an operation as the properties of an object. @param {import('./api-document.mjs').Operation} operation @returns {Schema} */
export function queryOf(operation) {
  const query = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
  const properties = query.map(({ name, description, schema }) => [name, { ...schema, ...(description ? { description } : {}) }]);
  return { type: 'object', properties: Object.fromEntries(properties), required: query.filter(({ required }) => required).map(({ name }) => name) };
}

/** @param {Record<string, Schema>} schemas @param {string[]} names */
function closure(schemas, names) {
  const found = new Set(/** @type {string[]} */ ([]));
  for (let waiting = names; waiting.length > 0;) {
    const [name, ...rest] = waiting;
    waiting = rest;
    if (name === undefined || found.has(name) || name === 'JsonValue') continue;
    if (!schemas[name]) throw new Error(`expected a schema ${name} in the document, got none`);
    found.add(name);
    waiting.push(...references(schemas[name]));
  }
  return found;
}

/** @param {unknown} node @returns {string[]} */
function references(node) {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => (key === '$ref' ? [nameOf(value)] : references(value)));
}

/** @param {string} reference */
const nameOf = (reference) => reference.slice(BEGINNING.length);

/** @param {string} name @param {Schema} schema */
export function declaration(name, schema) {
  if (!schema.properties) return `${comment(schema, '')}export type ${name} = ${typeOf(schema)};\n`;
  const fields = Object.entries(schema.properties).map(([field, of]) => {
    const optional = schema.required?.includes(field) ? '' : '?';
    return `${comment(of, '  ')}  ${field}${optional}: ${typeOf(of)};\n`;
  });
  return `${comment(schema, '')}export interface ${name} {\n${fields.join('')}}\n`;
}

/** @param {Schema} schema @param {string} indent */
export function comment({ description }, indent) {
  return description === undefined ? '' : `${indent}/** ${description.replaceAll('*/', '*\\/')} */\n`;
}

/** @param {Schema} schema @returns {string} */
export function typeOf(schema) {
  if (schema.$ref !== undefined) return nameOf(schema.$ref);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map(typeOf).join(' | ');
  if (schema.enum) return schema.enum.map((value) => (typeof value === 'string' ? `'${value}'` : JSON.stringify(value))).join(' | ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(' | ');
  switch (schema.type) {
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'array': {
      const item = typeOf(schema.items ?? {});
      return item.includes(' ') ? `(${item})[]` : `${item}[]`;
    }
    case 'object':
      return `{ [name: string]: ${typeof schema.additionalProperties === 'object' ? typeOf(schema.additionalProperties) : 'JsonValue'} }`;
    default:
      return 'JsonValue';
  }
}
