import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** What a page may read of an answer, beside the body. */
const EXPOSED = ['ETag', 'Idempotency-Replayed', 'Location', 'Preference-Applied', 'Retry-After'];

/** Lets pages of other origins call the API; without origins nothing is sent, and browsers keep such pages out. */
export function allowOrigins(app: NestFastifyApplication, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.enableCors({
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED,
    maxAge: 600,
  });
}
