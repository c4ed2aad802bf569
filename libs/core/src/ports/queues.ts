export interface QueueSetting {
  name: string;
  paused: boolean;
}

export interface Queues {
  all(): Promise<QueueSetting[]>;
  /** Makes known the queues that are not yet. Rejects with a `Refusal` beyond the limit of queues. */
  ensure(names: string[]): Promise<void>;
  /** False when there is no such queue. */
  setPaused(name: string, paused: boolean): Promise<boolean>;
}
