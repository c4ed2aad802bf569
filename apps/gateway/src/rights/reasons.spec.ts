import { Environment } from '@app/host';
import type { FastifyRequest } from 'fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { describeControllers } from '../api-docs/describe-controllers.js';
import { type Operation, OPERATIONS } from './operations.js';
import { checkReason, REASON_HEADER, reasonOf } from './reasons.js';
import { reasonsConfig } from './reasons.config.js';

const operationNamed = (name: string): Operation => {
  const found = Object.values(OPERATIONS).find((operation) => operation.name === name);
  if (!found) throw new Error(`expected an operation ${name}, got none`);
  return found;
};
const request = (body: unknown, header?: string) =>
  ({ body, headers: header === undefined ? {} : { [REASON_HEADER.toLowerCase()]: header } }) as unknown as FastifyRequest;
const reason = (name: string, body: unknown, header?: string) => reasonOf(request(body, header), operationNamed(name));

test('REQUIRE_REASONS lists acts, or is all of them, and refuses what is no act', () => {
  const required = (text: string) => [...reasonsConfig(new Environment({ REQUIRE_REASONS: text }))];
  expect(required('')).toEqual([]);
  expect(required('cancelJob, deleteQueue')).toEqual(['cancelJob', 'deleteQueue']);
  expect(required('all')).toContain('revokeKey');
  expect(required('all')).not.toContain('submitJob');
  for (const wrong of ['submitJob', 'nope', 'all,cancelJob']) expect(() => required(wrong)).toThrow(/^expected REQUIRE_REASONS to be all, or a comma list/);
});

test('a reason is read from where the body of its act has it, and from the header where it has none', () => {
  expect(reason('cancelJob', { reason: 'sent twice' })).toBe('sent twice');
  expect(reason('cancelJob', { reason: 'sent twice' }, 'another')).toBe('sent twice');
  expect(reason('cancelJob', null, 'sent twice')).toBe('sent twice');
  expect(reason('redriveDeadLetters', { note: { reason: 'the bank is back' } })).toBe('the bank is back');
  // It chooses letters by the reason of their death.
  expect(reason('redriveDeadLetters', { reason: 'unknown_kind' })).toBeUndefined();
  expect(reason('deleteQueue', { reason: 'nobody uses it' })).toBeUndefined();
  for (const none of [{ reason: '' }, { reason: ' ' }, { reason: 5 }, 'text', [], undefined]) expect(reason('cancelJob', none, ' ')).toBeUndefined();
});

test('a header may have any text: percent-encoded, as UTF-8, or with a percent sign of its own', () => {
  expect(reason('deleteQueue', null, encodeURIComponent('für Müller'))).toBe('für Müller');
  expect(reason('deleteQueue', null, Buffer.from('für Müller').toString('latin1'))).toBe('für Müller');
  expect(reason('deleteQueue', null, '50% are broken')).toBe('50% are broken');
  for (const wrong of ['a%0Ab', 'x'.repeat(501), Buffer.from([0xfc]).toString('latin1')])
    expect(() => reason('deleteQueue', null, wrong)).toThrow(/^expected the header Act-Reason to be a printable text/);
});

test('a required act without a reason is refused by name, with the place of its reason', () => {
  const required = new Set(['cancelJobs', 'deleteQueue']);
  const refused = (name: string, body: unknown) => {
    try {
      checkReason(request(body), operationNamed(name), required);
      return undefined;
    } catch (error) {
      return error;
    }
  };
  expect(refused('cancelJobs', { filter: {} })).toMatchObject({ code: 'reason_required', faults: [{ pointer: '/reason' }] });
  expect(refused('deleteQueue', null)).toMatchObject({
    message: 'expected a reason as the header Act-Reason, got none: this installation requires one for deleteQueue (REQUIRE_REASONS)',
    faults: [],
  });
  expect(refused('cancelJobs', { filter: {}, dryRun: true })).toBeUndefined();
  expect(refused('cancelJob', null)).toBeUndefined();
});

test('the document says of each act that it takes a reason, and the table where the body has it', async () => {
  const document = await describeControllers();
  for (const [route, { act, name, reasonAt }] of Object.entries(OPERATIONS)) {
    const [method = '', path = ''] = route.split(' ');
    const operation = document.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase() as 'post'];
    const headers = (operation?.parameters ?? []).flatMap((parameter) => ('name' in parameter ? [parameter.name] : []));
    expect([name, headers.includes(REASON_HEADER)]).toEqual([name, act]);
    const fields = act ? bodyOf(document, operation) : [];
    expect([name, reasonAt]).toEqual([name, fields.includes('note') ? '/note/reason' : fields.includes('reason') ? '/reason' : undefined]);
  }
});

/** The fields of an operation's body. */
function bodyOf(document: OpenAPIObject, operation: { requestBody?: object } | undefined): string[] {
  const body = operation?.requestBody as { content?: Record<string, { schema?: { $ref?: string } }> } | undefined;
  const name = body?.content?.['application/json']?.schema?.$ref?.split('/').at(-1) ?? '';
  const schema = document.components?.schemas?.[name] as { properties?: object } | undefined;
  return Object.keys(schema?.properties ?? {});
}
