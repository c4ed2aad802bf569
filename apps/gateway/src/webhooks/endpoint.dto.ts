import { ApiProperty, ApiPropertyOptional, ApiSchema, WEBHOOK_EVENTS } from '@app/contracts/schemas';
import { type EndpointSettings, type Fault, KIND_OR_PREFIX, MAX_URL_LENGTH, normalHttpUrl, PRINTABLE, Refusal } from '@app/core';
import { isWebhookSecret, receiverFault, type WebhookConfig } from '@app/notifications';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, IsOptional, IsString, Length, Matches, Max, MaxLength, Min } from 'class-validator';
import { dtoFaults } from '../http/dto-faults.js';

const MAX_FILTER = 100;
const SECRET_FAULT = 'must be whsec_ and 24 to 64 bytes in base64; leave it out to have one made';

@ApiSchema({ name: 'EndpointChanges' })
export class EndpointChangesDto {
  @ApiPropertyOptional({ format: 'uri' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_URL_LENGTH)
  url?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MaxLength(500)
  @Matches(PRINTABLE, { message: 'description must be printable' })
  description?: string;

  @ApiPropertyOptional({
    type: 'array',
    items: { type: 'string', enum: WEBHOOK_EVENTS },
    description: 'Empty for all of jobs; alerts only where they are named',
  })
  @IsOptional()
  @IsArray()
  @IsIn(WEBHOOK_EVENTS, { each: true })
  events?: string[];

  @ApiPropertyOptional({ type: [String], example: ['report.*'], description: 'Kinds, or prefixes with .*; empty for all' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_FILTER)
  @Matches(KIND_OR_PREFIX, { each: true, message: 'each of kinds must be a kind, or a prefix such as "report.*"' })
  kinds?: string[];

  @ApiPropertyOptional({ type: [String], description: 'Jobs with one of them; empty for all' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_FILTER)
  @IsString({ each: true })
  @Length(1, 100, { each: true })
  @Matches(PRINTABLE, { each: true, message: 'each tag must be printable' })
  tags?: string[];

  @ApiPropertyOptional({ description: 'false to disable it; true to enable it again, also after a 410' })
  @IsOptional()
  @IsBoolean()
  enabled?: boolean;
}

@ApiSchema({ name: 'NewEndpoint' })
export class EndpointDto extends EndpointChangesDto {
  @ApiProperty({ format: 'uri' })
  declare url: string;

  @ApiPropertyOptional({ example: 'whsec_…', description: 'Made when left out' })
  @IsOptional()
  @Matches(/./, { message: SECRET_FAULT })
  secret?: string;
}

@ApiSchema({ name: 'RotateSecret' })
export class RotateSecretDto {
  @ApiPropertyOptional({ example: 'whsec_…', description: 'Made when left out' })
  @IsOptional()
  @IsString()
  secret?: string;

  @ApiPropertyOptional({ default: 86_400, description: 'How long the former secrets sign too' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(30 * 86_400)
  graceSeconds?: number;
}

export interface EndpointChanges {
  settings: Partial<EndpointSettings>;
  enabled: boolean | undefined;
  secret: string | undefined;
}

/** A body of `POST` or `PATCH`; throws a `Refusal` with a pointer for each fault. */
export function readEndpoint(body: unknown, config: WebhookConfig, whole: boolean): EndpointChanges {
  const { url, description, events, kinds, tags, enabled, secret }: Partial<EndpointDto> = read(whole ? EndpointDto : EndpointChangesDto, body);
  const faults: Fault[] = [];
  const urlFault = url === undefined ? (whole ? 'must be given' : undefined) : receiverFault(url, config);
  if (urlFault !== undefined) faults.push({ pointer: '/url', detail: urlFault });
  if (secret !== undefined && !isWebhookSecret(secret)) faults.push({ pointer: '/secret', detail: SECRET_FAULT });
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the endpoint is not valid', faults);
  const given = Object.entries({ url: url === undefined ? undefined : normalHttpUrl(url), description, events, kinds, tags }).filter(
    ([, value]) => value !== undefined,
  );
  return { settings: Object.fromEntries(given), enabled, secret };
}

export function readRotation(body: unknown): { secret: string | undefined; graceSeconds: number } {
  const { secret, graceSeconds = 86_400 } = read(RotateSecretDto, body ?? {});
  if (secret !== undefined && !isWebhookSecret(secret)) {
    throw new Refusal('invalid_payload', 'the secret is not valid', [{ pointer: '/secret', detail: SECRET_FAULT }]);
  }
  return { secret, graceSeconds };
}

function read<Dto extends object>(dto: new () => Dto, body: unknown): Dto {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Refusal('invalid_payload', 'expected an object', [{ pointer: '', detail: 'must be an object' }]);
  }
  const faults = dtoFaults(dto, body, '');
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the request is not valid', faults);
  return body as Dto;
}
