/**
 * Whether the client prefers a page to JSON (RFC 9110, 12.5.1), as a browser does that follows a link: `text/html` is named,
 * and JSON is not, or with a lower weight. `*` and no header at all mean JSON.
 */
export function prefersHtml(accept: string | undefined): boolean {
  const html = weightOf(accept, 'text/html');
  return html > 0 && html > weightOf(accept, 'application/json');
}

/** The weight of a media type; 0 when it is not named. */
function weightOf(accept: string | undefined, wanted: string): number {
  for (const range of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (type !== wanted) continue;
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return weight === undefined ? 1 : /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(weight) ? Number(weight) : 0;
  }
  return 0;
}
