import { seenBelow } from '@app/core';
import type { Environment } from '../environment.js';
import { allowedHosts, type HostRule, hostRule } from './host-rule.js';
import { type PublicUrl, publicUrl } from './public-url.js';

/** What whoever listens for HTTP has to know of its own address. */
export interface WebConfig {
  publicUrl: PublicUrl | null;
  hosts: HostRule;
}

/** Sets the path that links begin with, too: gateway and worker tell the same job with the same links. */
export function webConfig(env: Environment, bound: string): WebConfig {
  const url = publicUrl(env);
  seenBelow(url?.path ?? '');
  return { publicUrl: url, hosts: hostRule(bound, url?.hostname, allowedHosts(env)) };
}
