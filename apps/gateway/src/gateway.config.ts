import { Environment, type RuntimeConfig, runtimeConfig } from '@app/runtime';
import { type AdmissionConfig, admissionConfig } from './admission/admission.config.js';
import { type EventsConfig, eventsConfig } from './events/events.config.js';

export interface GatewayConfig extends RuntimeConfig {
  port: number;
  /** Of a JSON body and of an AMQP submission, in bytes. */
  maxBodyBytes: number;
  admission: AdmissionConfig;
  /** Origins whose pages may call the API; empty for none but its own. */
  corsOrigins: string[];
  events: EventsConfig;
}

export function gatewayConfig(values: NodeJS.ProcessEnv): GatewayConfig {
  const env = new Environment(values);
  const runtime = runtimeConfig(env);
  return Object.freeze({
    ...runtime,
    port: env.integer('PORT', 0, 65_535, 3_000),
    maxBodyBytes: env.integer('MAX_BODY_BYTES', 1_024, 128 * 1024 * 1024, 1024 * 1024),
    corsOrigins: env.list('CORS_ORIGINS', /^(\*|https?:\/\/[^/\s]+)$/),
    admission: admissionConfig(env, runtime.broker === 'none' ? 1 : 2),
    events: eventsConfig(env),
  });
}
