/** Of a result that an event carries, in characters: far below what any broker takes as one message (16 MiB on RabbitMQ 4). */
export const EVENT_RESULT_CHARACTERS = 1024 * 1024;

/** About how long the value is as JSON is more than an event carries. Stops as soon as it knows: a small value costs next to nothing. */
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
