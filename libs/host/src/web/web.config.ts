import { seenBelow } from '@app/core';
import type { Environment } from '../environment.js';
import { allowedHosts, type HostRule, hostRule } from './host-rule.js';
import { type PublicUrl, publicUrl } from './public-url.js';

/** The addresses of a process that listens for HTTP. */
export interface WebConfig {
  publicUrl: PublicUrl | null;
  hosts: HostRule;
}

/** Reads them. It also sets the path at the beginning of links, because gateway and worker must write the same links. */
export function webConfig(env: Environment, bound: string): WebConfig {
  const url = publicUrl(env);
  seenBelow(url?.path ?? '');
  return { publicUrl: url, hosts: hostRule(bound, url?.hostname, allowedHosts(env)) };
}
