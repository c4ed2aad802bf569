import type { IncomingHttpHeaders } from 'node:http';
import { isLoopbackHost, type PublicUrl } from '@app/host';
import type { OriginsConfig } from './origins.config.js';

const ORIGIN = /^(https?):\/\/(\[[0-9a-f:.]+\]|[^/?#@\s:]+)(?::(\d+))?$/;
const DEFAULT_PORT: Record<string, string> = { http: '80', https: '443' };

/** Distinguishes pages of the gateway's own origin from those of others (E2, RFC 6454, Fetch Metadata). */
export class OriginRule {
  constructor(
    private readonly config: OriginsConfig,
    private readonly publicUrl: Pick<PublicUrl, 'origin' | 'hostname'> | null,
  ) {}

  /** Whether any other origin is allowed. Answers then depend on the origin. */
  get letsOthersIn(): boolean {
    return this.config.loopback || this.config.listed.size > 0;
  }

  /** Whether pages of the origin may call the API and read the answers. */
  lists(origin: string): boolean {
    if (this.config.listed.has(origin)) return true;
    const name = this.config.loopback ? ORIGIN.exec(origin)?.[2] : undefined;
    return name !== undefined && isLoopbackHost(name);
  }

  /**
   * Whether a page of another origin sent this request. `host` is the request's host, which was checked before. A request without `Origin`
   * and `Sec-Fetch-Site` does not come from a browser but from curl or a service.
   */
  isForeign(headers: IncomingHttpHeaders, host: string | undefined): boolean {
    const { origin } = headers;
    if (origin !== undefined) {
      if (this.lists(origin)) return false;
      if (!this.isOurs(origin, host)) return true;
    }
    const site = headers['sec-fetch-site'];
    return site !== undefined && site !== 'same-origin' && site !== 'none';
  }

  /** The origin's host is the one that is asked. Its scheme cannot be told from here, behind a proxy that ends TLS, unless PUBLIC_URL says it. */
  private isOurs(origin: string, host: string | undefined): boolean {
    if (origin === this.publicUrl?.origin) return true;
    const [, scheme = '', name = '', port] = ORIGIN.exec(origin) ?? [];
    if (name === '' || host === undefined) return false;
    if (name === this.publicUrl?.hostname && port === undefined && !this.publicUrl.origin.startsWith(`${scheme}:`)) return false;
    const asked = host.toLowerCase();
    return port === undefined ? asked === name || asked === `${name}:${DEFAULT_PORT[scheme] ?? ''}` : asked === `${name}:${port}`;
  }
}
