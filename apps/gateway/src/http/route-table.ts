interface Route {
  url: string;
  /** Null when the URL has no parameters. */
  pattern: RegExp | null;
  methods: Set<string>;
}

/** Knows the methods of each path. The router itself only knows whether a path has the requested method. */
export class RouteTable {
  private readonly routes = new Map<string, Route>();
  private hidden: { by: Set<string>; paths: Map<string, string> } | undefined;

  add(url: string, methods: string | readonly string[]): void {
    const route = this.routes.get(url) ?? { url, pattern: patternOf(url), methods: new Set() };
    for (const method of [methods].flat()) {
      route.methods.add(method);
      if (method === 'GET') route.methods.add('HEAD');
    }
    this.routes.set(url, route);
    this.hidden = undefined;
  }

  /** The methods of a path, as `Allow` lists them; undefined where there is no such path. A path without parameters takes precedence over one with parameters. */
  allowed(path: string): string | undefined {
    const literal = this.routes.get(path);
    const methods = literal && !literal.pattern ? [...literal.methods] : this.matching(path).flatMap((route) => [...route.methods]);
    return methods.length > 0 ? [...new Set(methods)].sort().join(', ') : undefined;
  }

  /**
   * The value of `Allow` when the router has matched a path of another route as a parameter: `GET /jobs/batch` is not a job with that id.
   * `route` is the URL of the route that the router found.
   */
  mistaken(route: string | undefined, path: string): string | undefined {
    this.hidden ??= this.findHidden();
    return route !== undefined && this.hidden.by.has(route) ? this.hidden.paths.get(path) : undefined;
  }

  private matching(path: string): Route[] {
    return [...this.routes.values()].filter(({ pattern }) => pattern?.test(path));
  }

  private findHidden(): { by: Set<string>; paths: Map<string, string> } {
    const by = new Set<string>();
    const paths = new Map<string, string>();
    for (const { url, pattern } of this.routes.values()) {
      if (pattern) continue;
      for (const other of this.matching(url).filter((route) => !route.url.includes('*'))) {
        by.add(other.url);
        paths.set(url, this.allowed(url) ?? '');
      }
    }
    return { by, paths };
  }
}

/** `/jobs/:id/events` and `/docs/*`. Linear: no two repeated parts can match the same. */
function patternOf(url: string): RegExp | null {
  if (!/[:*]/.test(url)) return null;
  const parts = url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replaceAll(/[.+?^${}()|[\]\\*]/g, '\\$&')));
  return new RegExp(`^${parts.join('/')}$`);
}
