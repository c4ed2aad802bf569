/**
 * The path and query of a request's target (RFC 9112, 3.2), without the authority of an absolute form, without the path of PUBLIC_URL
 * that a proxy may leave there, and without a slash at the end. `keepSlash` is for paths where the slash makes a difference.
 */
export function pathAndQuery(target: string, below: string, keepSlash: string): string {
  let url = target;
  if (!url.startsWith('/')) url = url.replace(/^https?:\/\/[^/?#]*/i, '');
  if (below !== '' && url.startsWith(below) && (url.length === below.length || '/?'.includes(url.charAt(below.length)))) url = url.slice(below.length);
  if (!url.startsWith('/')) url = target === '*' ? '*' : `/${url}`;
  const query = url.indexOf('?');
  const end = query < 0 ? url.length : query;
  if (end < 2 || url.charCodeAt(end - 1) !== SLASH || url.slice(0, end) === keepSlash) return url;
  return url.slice(0, end - 1) + url.slice(end);
}

const SLASH = 47;

/** The path without the query. */
export function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}
