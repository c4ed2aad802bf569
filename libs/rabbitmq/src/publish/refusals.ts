/**
 * The routing keys whose messages the broker refuses. A queue that is no longer full may refuse the messages of a channel for ever (RabbitMQ 3.10, after the
 * policy that limited it was removed; seen). So after a long refusal the channel is to be replaced.
 */
export class Refusals {
  /** For each, the time of the first refusal in a row. */
  private readonly since = new Map<string, number>();

  constructor(private readonly longMs: number) {}

  /** Notes an answer. Whether this one comes long after the first refusal in a row; then it forgets all of them. */
  isLong(routingKey: string, refused: boolean): boolean {
    if (!refused) {
      this.since.delete(routingKey);
      return false;
    }
    const now = performance.now();
    const since = this.since.get(routingKey);
    if (since === undefined) this.since.set(routingKey, now);
    if (since === undefined || now - since <= this.longMs) return false;
    this.since.clear();
    return true;
  }

  forgetAll(): void {
    this.since.clear();
  }
}
