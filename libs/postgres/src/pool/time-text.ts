/** A time in SQL as views write it: ISO 8601, UTC, with milliseconds. */
export function timeText(time: string): string {
  return `to_char((${time}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
