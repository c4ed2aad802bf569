/** The largest result that an event carries, in characters: far below the largest message of any broker (16 MiB on RabbitMQ 4). */
export const EVENT_RESULT_CHARACTERS = 1024 * 1024;

/** Whether the value's JSON is longer than an event may carry, by an estimate. It stops counting at the limit, so a small value costs next to nothing. */
export function isTooLargeForEvents(result: unknown): boolean {
  let left = EVENT_RESULT_CHARACTERS;
  const waiting: unknown[] = [result];
  while (waiting.length > 0 && left >= 0) {
    const value = waiting.pop();
    if (typeof value === 'string') left -= value.length + 2;
    else if (typeof value !== 'object' || value === null) left -= 4;
    else {
      const members = Object.entries(value);
      left -= 2 + members.length;
      if (left < 0) break;
      for (const [name, member] of members) {
        if (!Array.isArray(value)) left -= name.length + 3;
        waiting.push(member);
      }
    }
  }
  return left < 0;
}
