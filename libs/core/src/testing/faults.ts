/** Makes the next calls of a fake's methods fail, in order. */
export class Faults {
  private readonly planned = new Map<string, unknown[]>();

  /** The next `times` calls of `method` throw `error`. */
  plan(method: string, error: unknown = new Error(`${method} failed`), times = 1): void {
    this.planned.set(method, [...(this.planned.get(method) ?? []), ...Array.from({ length: times }, () => error)]);
  }

  /** For the fake: throws when it is this method's turn. */
  meet(method: string): void {
    const error = this.planned.get(method)?.shift();
    if (error !== undefined) throw error as Error;
  }
}
