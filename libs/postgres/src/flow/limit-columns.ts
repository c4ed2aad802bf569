/** How many jobs a limit lets run at once now: as its override says while that lasts; NULL without a limit of concurrency. Of a row of `flow_limits`. */
export function currentCapacity(alias: string): string {
  return `CASE WHEN ${alias}.override_until > now() AND ${alias}.override ? 'concurrency' THEN (${alias}.override ->> 'concurrency')::integer ELSE ${alias}.concurrency END`;
}
