import { ToldReasons } from './told-reasons.js';

/** Facts that the connections of a process have found out about the account that they share. */
export class BrokerAccount {
  readonly told = new ToldReasons();
  /** Names of parts of the topology that the account may not declare or bind. */
  readonly refused = new Set<string>();
  private readonly lacks = new Map<object, string>();

  /** What the account is denied now that a process can work without, and what that costs: each in a sentence or two. */
  get denied(): string[] {
    return [...new Set(this.lacks.values())];
  }

  /** `feature` cannot have what it needs; with undefined it has it again. */
  note(feature: object, denied: string | undefined): void {
    if (denied === undefined) this.lacks.delete(feature);
    else this.lacks.set(feature, denied);
  }
}
