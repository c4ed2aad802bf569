/** Of a request's line and headers together, as Node has it by default; beyond it 431. */
export const MAX_HEADER_BYTES = 16 * 1024;
/** Beyond it 431. Browsers send twenty, proxies add ten. */
export const MAX_HEADERS = 200;
/** Path and query; beyond it 414. The longest that our own routes make is a list with all of its filters. */
export const MAX_URL_BYTES = 8 * 1024;
