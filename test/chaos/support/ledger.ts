/** What a client knows of its submissions: each key, with the ids that were answered to it. */
export class Ledger {
  private readonly entries = new Map<string, Entry>();
  /** Answers other than 202, by status; 0 is no answer. */
  readonly refusals = new Map<number, number>();
  repeats = 0;

  /** A submission that a client is about to make. */
  open(key: string, door: Entry['door'], kind: string): void {
    if (!this.entries.has(key)) this.entries.set(key, { key, door, kind, ids: new Set(), accepted: false });
  }

  /** The door has said yes: over HTTP with an id, over AMQP by the broker's confirm. */
  accepted(key: string, id?: string): void {
    const entry = this.entries.get(key);
    if (!entry) throw new Error(`expected ${key} to be opened before it is accepted`);
    entry.accepted = true;
    if (id !== undefined) entry.ids.add(id);
  }

  refused(status: number): void {
    this.refusals.set(status, (this.refusals.get(status) ?? 0) + 1);
  }

  all(): Entry[] {
    return [...this.entries.values()].filter(({ accepted }) => accepted);
  }
}

export interface Entry {
  key: string;
  door: 'http' | 'amqp';
  kind: string;
  ids: Set<string>;
  accepted: boolean;
}
