/** The HTTP status and title of each problem code. No other place chooses a status for a refusal. */
export const PROBLEMS = {
  malformed_request: { status: 400, title: 'The request cannot be read' },
  reason_required: { status: 400, title: 'This needs a reason' },
  bad_idempotency_key: { status: 400, title: 'The idempotency key is malformed' },
  unauthenticated: { status: 401, title: 'The request has no valid credentials' },
  insufficient_scope: { status: 403, title: 'The key does not allow this' },
  foreign_origin: { status: 403, title: 'The request comes from a page of another origin' },
  not_found: { status: 404, title: 'There is no such resource' },
  method_not_allowed: { status: 405, title: 'The resource does not have this method' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  submit_in_progress: { status: 409, title: 'The same request is being stored' },
  state_forbids: { status: 409, title: 'The state does not allow this' },
  revision_mismatch: { status: 412, title: 'The resource has another revision' },
  payload_too_large: { status: 413, title: 'The request is too large' },
  uri_too_long: { status: 414, title: 'The URL is too long' },
  unsupported_media_type: { status: 415, title: 'The media type is not supported' },
  range_not_satisfiable: { status: 416, title: 'The resource does not have this range' },
  expectation_failed: { status: 417, title: 'The expectation cannot be met' },
  misdirected_request: { status: 421, title: 'The request is for another host' },
  invalid_payload: { status: 422, title: 'The request is not valid' },
  unknown_kind: { status: 422, title: 'The kind is not known' },
  unknown_queue: { status: 422, title: 'The queue is not declared' },
  reply_to_refused: { status: 422, title: 'Replies do not go to this queue' },
  idempotency_key_reused: { status: 422, title: 'The idempotency key was used for another request' },
  too_many_queues: { status: 422, title: 'There are too many queues' },
  too_many_endpoints: { status: 422, title: 'There are too many webhook endpoints' },
  too_many_schedules: { status: 422, title: 'There are too many schedules' },
  never_fires: { status: 422, title: 'The schedule would never tick' },
  not_searchable: { status: 422, title: 'Encrypted payloads cannot be searched' },
  upgrade_required: { status: 426, title: 'The resource speaks another protocol' },
  too_many_of_client: { status: 429, title: 'This client has as much open as one may have' },
  rate_limited: { status: 429, title: 'More came than may come in a time' },
  quota_exceeded: { status: 429, title: 'The tenant has as much as it may have' },
  queue_full: { status: 429, title: 'The queue is full' },
  headers_too_large: { status: 431, title: 'The headers or the URL are too large' },
  internal: { status: 500, title: 'The request could not be handled' },
  overloaded: { status: 503, title: 'The service has as much to do as it can keep' },
  unavailable: { status: 503, title: 'The service cannot do this now' },
  insufficient_storage: { status: 507, title: 'There is no room for the file' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** The stable name of a problem type, as a relative reference. The API's documentation describes each. */
export function problemType(code: ProblemCode): string {
  return `/problems/${code.replaceAll('_', '-')}`;
}
