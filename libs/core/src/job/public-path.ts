let prefix = '';

/**
 * Says below which path callers see the gateway: the path of PUBLIC_URL. A constant of the process, set once when it starts, so that a
 * view stays a function of what it shows.
 */
export function seenBelow(path: string): void {
  prefix = path.replace(/\/+$/, '');
}

/** A path of the gateway as its callers see it, for `Location`, links and results. */
export function publicPath(path: string): string {
  return prefix + path;
}
