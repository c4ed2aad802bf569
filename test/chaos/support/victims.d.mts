export interface VictimPostgres {
  readonly url: string;
  /** Immediate shutdown, as by a crash; resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves when it answers again, at the same address. */
  start(): Promise<void>;
  /** A file system of its own for a tablespace; null where this user may not mount one. */
  smallDisk(megabytes: number): Promise<{ folder: string; remove(): Promise<void> } | null>;
}

export interface VictimBroker {
  readonly url: string;
  rabbitmqctl(): string;
  /** Runs rabbitmqctl on it; rejects when that fails. */
  ctl(...args: string[]): Promise<string>;
  /** SIGKILL where it is ours, else stop_app. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

export interface Victims {
  postgres: VictimPostgres;
  broker: VictimBroker;
  stop(): Promise<void>;
}

export const hasVictims: boolean;
/** Starts both, and makes test/support use them for databases and virtual hosts. */
export function startVictims(): Promise<Victims>;
