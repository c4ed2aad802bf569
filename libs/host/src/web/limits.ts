/** The limit of a request's line and headers together, which is Node's default. Above it the answer is 431. */
export const MAX_HEADER_BYTES = 16 * 1024;
/** The limit of the number of headers. Above it the answer is 431. Browsers send twenty, proxies add ten. */
export const MAX_HEADERS = 200;
/** The limit of path and query. Above it the answer is 414. The longest URL of Longhaul's own routes is a list with all filters. */
export const MAX_URL_BYTES = 8 * 1024;
