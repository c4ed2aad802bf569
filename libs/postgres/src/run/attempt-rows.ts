import type { Settlement } from '@app/core';

/** All that SETTLE_PLAIN writes of it is the result. */
export function isPlain({ event, progress, events, announce }: Settlement): boolean {
  return event === 'succeeded' && progress === undefined && events === undefined && !announce;
}

/** One job may stand in a batch more than once; its row belongs to the one token that it carries. */
export function byToken<Row extends { lease_token: string | null }>(rows: Row[]): Map<string | null, Row> {
  return new Map(rows.map((row) => [row.lease_token, row]));
}

export function first<Row, Value>(rows: Row[], map: (row: Row) => Value): Value | null {
  const [row] = rows;
  return row === undefined ? null : map(row);
}
