import { ANY_JSON, Problem, tellSwagger } from '@app/contracts/schemas';
import type { INestApplication } from '@nestjs/common';
import * as swagger from '@nestjs/swagger';
import { SESSION_COOKIE } from '../rights/credentials.js';
import { documentAnswers, KEY_SCHEME, SESSION_SCHEME } from './documented-answers.js';

/** Needed where AUTH is on. docs/operate/rights.md tells how to get one. */
const SECURITY_SCHEMES = {
  [KEY_SCHEME]: { type: 'http' as const, scheme: 'bearer', description: 'An API key, `lh_…`, which `longhaul keys create` or `POST /keys` makes' },
  [SESSION_SCHEME]: { type: 'apiKey' as const, in: 'cookie', name: SESSION_COOKIE, description: 'Of a browser, by `POST /session`' },
};

interface Reference {
  $ref?: string;
}

/** Describes the HTTP interface as OpenAPI 3.1, from the controllers of the application. It is the same for every installation; describe-kinds.ts completes it. */
export function describeApi(app: INestApplication): swagger.OpenAPIObject {
  tellSwagger(swagger);
  const about = new swagger.DocumentBuilder()
    .setTitle('Longhaul')
    .setDescription('Accepts work in milliseconds, does it on workers, tells when it is done. Errors are RFC 9457 problems.')
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .setContact('Longhaul contributors', '', '')
    .setOpenAPIVersion('3.1.0')
    .build();
  about.info.contact = { name: 'Longhaul contributors' };
  const document = swagger.SwaggerModule.createDocument(app, about, { extraModels: [Problem] });
  document.components = { ...document.components, securitySchemes: SECURITY_SCHEMES };
  const schemas = ((document.components ??= {}).schemas ??= {});
  schemas[ANY_JSON] = { description: 'Any JSON value' };
  documentAnswers(document);
  flattenReferences(document);
  return document;
}

/** Nest wraps a reference with a description in an `allOf`. OpenAPI 3.1 allows both side by side, which generators handle better. */
function flattenReferences(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  for (const value of Object.values(node)) flattenReferences(value);
  const schema = node as { allOf?: Reference[]; oneOf?: Reference[]; type?: string; $ref?: string };
  const [only, ...others] = schema.allOf ?? schema.oneOf ?? [];
  if (only?.$ref === undefined || others.length > 0) return;
  schema.$ref = only.$ref;
  delete schema.allOf;
  delete schema.oneOf;
  delete schema.type;
}
