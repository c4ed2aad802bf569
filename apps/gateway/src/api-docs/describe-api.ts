import { ANY_JSON, Problem } from '@app/contracts/schemas';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { documentAnswers } from './documented-answers.js';

interface Reference {
  $ref?: string;
}

/** Describes the HTTP interface as OpenAPI 3.1, from the controllers of the application. It is the same for every installation; describe-kinds.ts completes it. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const about = new DocumentBuilder()
    .setTitle('Longhaul')
    .setDescription('Accepts work in milliseconds, does it on workers, tells when it is done. Errors are RFC 9457 problems.')
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .setContact('Longhaul contributors', '', '')
    .setOpenAPIVersion('3.1.0')
    .build();
  about.info.contact = { name: 'Longhaul contributors' };
  // There is no authentication: a proxy or the network decides who may call.
  about.security = [];
  const document = SwaggerModule.createDocument(app, about, { extraModels: [Problem] });
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
