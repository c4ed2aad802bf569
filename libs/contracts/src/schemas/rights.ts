import { ApiProperty, ApiPropertyOptional } from './documented.js';
import type { JsonValue } from '../json.js';
import { SCOPES } from '../scopes.js';
import { Count, Id, TextOrNull, Time, Whose } from './fields.js';

const SCOPE_NAMES = Object.keys(SCOPES);
const KEY_ID = 'q4xk2m7paz3dbe5v';

/** Who sends the requests of these credentials. */
export class SessionView {
  @ApiProperty({ description: 'Whether callers need credentials here. Without, everybody who reaches the port may do everything' })
  auth!: boolean;

  @TextOrNull({ example: 'acme', description: 'Whose jobs and other things it is for; null for all tenants' })
  tenant!: string | null;

  @ApiProperty({ example: `key:${KEY_ID}`, description: 'As the audit names it' })
  subject!: string;

  @ApiProperty({ example: 'billing service', description: 'The name of its key, or of the holder of its token' })
  name!: string;

  @ApiProperty({ enum: ['key', 'session', 'jwt', 'local'], description: 'How it was known; `local` without AUTH' })
  via!: 'key' | 'session' | 'jwt' | 'local';

  @ApiProperty({ type: 'array', items: { type: 'string', enum: SCOPE_NAMES } })
  scopes!: string[];

  @ApiProperty({ type: [String], nullable: true, description: 'The kinds that it is for; null for all' })
  kinds!: string[] | null;

  @Time({ nullable: true, description: 'When it ends; null for never' })
  until!: string | null;

  @ApiProperty({ type: [String], example: ['deleteQueue'], description: 'The operations that need a reason here, by REQUIRE_REASONS' })
  reasonsRequired!: string[];
}

/** Opens a session for a browser. */
export class SessionRequest {
  @ApiProperty({ example: `lh_${KEY_ID}_…`, description: 'An API key' })
  key!: string;
}

/** A session that is open, without what would let one use it. */
export class OpenSessionView {
  @Id()
  id!: string;

  @ApiProperty({ example: 'oidc:ada', description: '`key:` and the id of its key, or `oidc:` and the `sub` of an account, as the audit names it' })
  subject!: string;

  @ApiProperty({ example: 'Ada', description: 'The name of its key, or of the account' })
  name!: string;

  @TextOrNull({ example: 'acme', description: 'Whose jobs and other things it is for; null for all tenants' })
  tenant!: string | null;

  @ApiProperty({ type: 'array', items: { type: 'string', enum: SCOPE_NAMES } })
  scopes!: string[];

  @ApiProperty({ type: [String], nullable: true, description: 'The kinds that it is for; null for all' })
  kinds!: string[] | null;

  @Time()
  openedAt!: string;

  @Time({ description: 'To the minute' })
  lastUsedAt!: string;

  @Time({ description: 'When it ends at the latest' })
  until!: string;
}

/** The newest 1,000 sessions. */
export class OpenSessionList {
  @ApiProperty({ type: () => [OpenSessionView] })
  items!: OpenSessionView[];
}

/** A key to be made. */
export class NewKey {
  @ApiProperty({ example: 'billing service', minLength: 1, maxLength: 100, description: 'Who will have it' })
  name!: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'acme',
    description:
      'Whose jobs and other things it is for; null for all tenants. Left out, for all where a scope allows what belongs to the whole installation, and else for `default`',
  })
  tenant?: string | null;

  @ApiProperty({ type: 'array', items: { type: 'string', enum: SCOPE_NAMES }, example: ['jobs:submit', 'jobs:read'] })
  scopes!: string[];

  @ApiPropertyOptional({
    type: [String],
    example: ['report.*'],
    description: 'Kinds, or prefixes with .*, that it is for. Such a key may have scopes of jobs, events and files only',
  })
  kinds?: string[];

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: 1_000_000,
    example: 50,
    description:
      'Requests that it may send in a second to each process of a gateway, and twice as many at once after a pause; 0 for any number. Left out, as REQUESTS_PER_SECOND says',
  })
  requestsPerSecond?: number;

  @ApiPropertyOptional({ format: 'date-time', description: 'When it ends; never when left out' })
  expiresAt?: string;
}

/** A key, without what would let one use it. */
export class KeyView {
  @ApiProperty({ example: KEY_ID, description: 'The part of the key that is no secret' })
  id!: string;

  @ApiProperty({ example: 'billing service' })
  name!: string;

  @TextOrNull({ example: 'acme', description: 'Whose jobs and other things it is for; null for all tenants' })
  tenant!: string | null;

  @ApiProperty({ enum: ['valid', 'expired', 'revoked'] })
  state!: 'valid' | 'expired' | 'revoked';

  @ApiProperty({ type: 'array', items: { type: 'string', enum: SCOPE_NAMES } })
  scopes!: string[];

  @ApiProperty({ type: [String], nullable: true, description: 'The kinds that it is for; null for all' })
  kinds!: string[] | null;

  @Count({ nullable: true, example: 50, description: 'Its own limit on requests; 0: none. Null: as REQUESTS_PER_SECOND says' })
  requestsPerSecond!: number | null;

  @Time()
  createdAt!: string;

  @ApiProperty({ example: 'cli' })
  createdBy!: string;

  @Time({ nullable: true })
  expiresAt!: string | null;

  @Time({ nullable: true, description: 'To the minute' })
  lastUsedAt!: string | null;

  @Time({ nullable: true })
  revokedAt!: string | null;

  @TextOrNull()
  revokedBy!: string | null;
}

/** A key that was just made. */
export class MadeKey extends KeyView {
  @ApiProperty({ example: `lh_${KEY_ID}_…`, description: 'The key itself. It is shown this once' })
  key!: string;
}

/** The newest 1,000 keys. */
export class KeyList {
  @ApiProperty({ type: () => [KeyView] })
  items!: KeyView[];
}

/** What one event of the stream of keys tells. */
export class KeysNow {
  @ApiProperty({ type: () => KeyList })
  keys!: KeyList;

  @ApiProperty({ type: () => OpenSessionList })
  sessions!: OpenSessionList;
}

/** How long the former key goes on. */
export class KeyRotation {
  @Count({ minimum: 0, maximum: 2_592_000, default: 86_400, description: 'Seconds for which the former key stays valid, so that nobody is refused meanwhile' })
  overlapSeconds?: number;
}

/** Something that was changed, and by whom. */
export class AuditEntry {
  @Id()
  id!: string;

  @Whose() tenant?: string | null;

  @Time()
  at!: string;

  @ApiProperty({
    example: `key:${KEY_ID}`,
    description: '`key:` and its id, `jwt:` and the `sub` of its token, `oidc:` and the `sub` of its account, or `local` without AUTH',
  })
  subject!: string;

  @ApiProperty({ example: 'session', description: '`key`, `session`, `jwt`, `local`, or `cli` for what was done against the database' })
  via!: string;

  @ApiProperty({ example: 'pauseQueue', description: 'The operation of this document' })
  action!: string;

  @ApiProperty({ example: '/queues/reports/pause', description: 'The path that it was done to' })
  target!: string;

  @Count({ example: 200, description: 'The status that it was answered with' })
  outcome!: number;

  @ApiProperty({ example: '10.0.0.7', description: 'The caller as limits know it: the other end of the connection, or as a proxy of TRUST_PROXY has seen it' })
  ip!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: '`reason`: why; `request`: what was asked; `before`: what it was; `after`: the answer. Secrets are left out, and what is long',
  })
  detail!: { [name: string]: JsonValue };
}

/** A page of the audit, the newest first. */
export class AuditPage {
  @ApiProperty({ type: () => [AuditEntry] })
  items!: AuditEntry[];

  @TextOrNull({ description: 'For the next page; null at the end' })
  nextCursor!: string | null;
}
