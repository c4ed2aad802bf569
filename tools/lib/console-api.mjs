// TypeScript of every operation of the OpenAPI document, for apps/console: a route that changes does not compile there any more. Types and nothing else.

import { comment, declaration, queryOf, typeOf } from './wire-types.mjs';

/** @typedef {import('./api-document.mjs').Schema} Schema */
/** @typedef {import('./api-document.mjs').OpenApi} OpenApi */
/** @typedef {import('./api-document.mjs').Operation} Operation */

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const JSON_TYPE = 'application/json';

const HEAD = `// Generated from the OpenAPI document by \`npm run contract\`: change the classes of libs/contracts, and run it again.

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
`;

/** @param {OpenApi} document */
export function consoleApi({ paths, components }) {
  const schemas = Object.entries(components.schemas)
    .filter(([name]) => name !== 'JsonValue' && !name.startsWith('payload.'))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, schema]) => declaration(name, schema));
  const operations = Object.entries(paths)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([path, item]) => METHODS.flatMap((method) => (item[method] ? [entry(`${method.toUpperCase()} ${path}`, item[method])] : [])));
  const about = '/** What each operation takes and answers, by method and path. */';
  const text = `${HEAD}\n${schemas.join('\n')}\n${about}\nexport interface Operations {\n${operations.join('')}}\n`;
  // The kinds of an installation are not known here: their payloads are any JSON.
  return text.replaceAll(/payload\.[\w.]+(?: \| payload\.[\w.]+)*/g, 'JsonValue');
}

/** @param {string} name @param {Operation} operation */
function entry(name, operation) {
  const given = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path').map((parameter) => `${parameter.name}: string`);
  const query = queryOf(operation);
  const hasQuery = Object.keys(query.properties ?? {}).length > 0;
  const body = operation.requestBody?.content[JSON_TYPE]?.schema;
  const parts = [
    ...(operation.operationId === undefined ? [] : [`id: '${operation.operationId}'`]),
    ...(given.length > 0 ? [`path: { ${given.join('; ')} }`] : []),
    ...(hasQuery ? [`query${query.required?.length ? '' : '?'}: {\n${fields(query)}}`] : []),
    ...(body ? [`body${operation.requestBody?.required === false ? '?' : ''}: ${typeOf(body)}`] : []),
    `answer: ${answerOf(operation)}`,
  ];
  return `  '${name}': { ${parts.join('; ')} };\n`;
}

/** @param {Schema} query */
function fields({ properties = {}, required = [] }) {
  return Object.entries(properties)
    .map(([name, schema]) => `${comment(schema, '')}'${name}'${required.includes(name) ? '' : '?'}: ${typeOf(schema)};\n`)
    .join('');
}

/** The schemas of its answers that are not problems. @param {Operation} operation */
function answerOf({ responses }) {
  const found = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, { content }]) => (content?.[JSON_TYPE]?.schema ? typeOf(content[JSON_TYPE].schema) : 'undefined'));
  return [...new Set(found)].join(' | ') || 'undefined';
}
