import type { Principal } from './principal.js';

/** Principals that are kept at most. Above this number all are forgotten, and asked for again. */
const MOST = 10_000;

/** Finds out who shows something; undefined when it is nobody. */
export type Ask = () => Promise<Principal | undefined>;

/**
 * What was found out of those who send requests, by the hash of what they showed: each is asked for once, also where many requests come at once, and kept
 * until its rights end or all is forgotten. What is asked for while all is forgotten is used once and not kept, for it may be older than the reason to forget.
 */
export class KeptPrincipals {
  private kept = new Map<string, Principal>();
  private readonly asked = new Map<string, Promise<Principal | undefined>>();

  constructor(private readonly time: { now(): number }) {}

  get(name: string): Principal | undefined {
    const principal = this.kept.get(name);
    if (!principal || principal.until === null || principal.until > this.time.now()) return principal;
    this.kept.delete(name);
    return undefined;
  }

  /** Asks once for all who ask for the same at once. */
  ask(name: string, ask: Ask): Promise<Principal | undefined> {
    const under = this.asked.get(name);
    if (under) return under;
    const { kept } = this;
    const answer = ask()
      .then((principal) => {
        if (principal && kept === this.kept) {
          if (kept.size >= MOST) kept.clear();
          kept.set(name, principal);
        }
        return principal;
      })
      .finally(() => this.asked.get(name) === answer && this.asked.delete(name));
    this.asked.set(name, answer);
    return answer;
  }

  forget(): void {
    this.kept = new Map();
    this.asked.clear();
  }

  drop(name: string): void {
    this.kept.delete(name);
  }

  names(): IterableIterator<string> {
    return this.kept.keys();
  }
}
