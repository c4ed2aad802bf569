import { isIP } from 'node:net';
import { ConfigError, type Environment } from '../environment.js';

export type HostVerdict = 'allowed' | 'foreign' | 'malformed';
/** Judges the `Host` of a request. Its time depends only on the length of the text. */
export type HostRule = (host: string) => HostVerdict;

/** RFC 3986, 3.2.2 and 3.2.3: an address in brackets or a name, and perhaps a port. */
const AUTHORITY = /^(\[[0-9a-f:.]{2,45}(?:%[\w.~-]{1,40})?\]|[\w.~!$&'()*+,;=%-]{1,255})(?::(\d{0,5}))?$/i;
const ENTRY = /^(\*\.)?([a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/;

/** One entry of ALLOWED_HOSTS. */
export interface AllowedHost {
  name: string;
  /** `*.example.org`: each name below `example.org`, but not that name itself. */
  below: boolean;
  /** The port; undefined for any port. */
  port: string | undefined;
}

/** `ALLOWED_HOSTS`: a comma list of names, with a port each if wanted. Throws a `ConfigError`. */
export function allowedHosts(env: Environment): AllowedHost[] {
  return env.list('ALLOWED_HOSTS', /./).map((text) => {
    if (text === '*')
      throw new ConfigError('ALLOWED_HOSTS', 'names, for * would let a page of any name that resolves to this address in (DNS rebinding)', text);
    const [, wildcard, name = '', port] = ENTRY.exec(text.toLowerCase()) ?? [];
    if (name === '' || Number(port ?? 0) > 65_535)
      throw new ConfigError(
        'ALLOWED_HOSTS',
        'a comma list of host names such as gateway, jobs.example.org:8080 or *.example.org, without https:// and paths',
        text,
      );
    return { name, below: wildcard !== undefined, port };
  });
}

/**
 * Makes the rule for allowed hosts: addresses, because DNS rebinding needs a name; `localhost` and names below it, which browsers resolve
 * themselves; the name that the process is bound to; that of PUBLIC_URL; and those in ALLOWED_HOSTS.
 */
export function hostRule(bound: string, publicHostname: string | undefined, allowed: readonly AllowedHost[]): HostRule {
  const names = new Map<string, (string | undefined)[]>();
  const allow = (name: string, port?: string) => void names.set(name, [...(names.get(name) ?? []), port]);
  for (const name of ['localhost', '*.localhost', bound.toLowerCase(), publicHostname]) if (name !== undefined && name !== '') allow(name);
  for (const { name, below, port } of allowed) allow(below ? `*.${name}` : name, port);
  const has = (name: string, port: string) => names.get(name)?.some((only) => only === undefined || only === port) ?? false;

  const verdictOn = (host: string): HostVerdict => {
    const [, written = '', port = ''] = AUTHORITY.exec(host) ?? [];
    if (written === '' || Number(port) > 65_535) return 'malformed';
    if (written.startsWith('[')) return isIP(written.slice(1, -1)) === 6 ? 'allowed' : 'malformed';
    if (isIP(written) === 4) return 'allowed';
    // A dot at the end means that the name is complete. It is the same name.
    const name = written.toLowerCase().replace(/\.$/, '');
    if (has(name, port)) return 'allowed';
    for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) if (has(`*${name.slice(dot)}`, port)) return 'allowed';
    return 'foreign';
  };
  // Nearly every request names the same host as the request before it.
  let last: { host: string; verdict: HostVerdict } = { host: '', verdict: 'malformed' };
  return (host) => {
    if (host !== last.host) last = { host, verdict: verdictOn(host) };
    return last.verdict;
  };
}

/** Whether a name or an address always means this machine. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  if (isIP(name) === 4) return name.startsWith('127.');
  return name === '::1' || name === 'localhost' || name.endsWith('.localhost');
}
