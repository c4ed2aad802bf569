import { QuotaExceeded, type Reservations, type Taken } from '@app/core';

/** Takes bytes out of what a tenant may store; undefined where there is no bound. Rejects with `QuotaExceeded`. */
export type TakeBytes = (tenant: string, bytes: number) => Promise<Taken> | undefined;

export function filesQuota(reservations: Pick<Reservations, 'take'>): TakeBytes {
  return (tenant, bytes) => reservations.take(tenant, 'fileBytes', bytes);
}

/** So much is taken at once of a file whose size nobody has announced, where there is so much. */
const STEP_BYTES = 1024 ** 2;

/** The room of one file in its tenant's quota, while it is received. What was announced is taken before, so that a file for which there is no room is refused at its first byte. */
export class RoomOfTenant {
  private readonly parts: { taken: Taken; bytes: number }[] = [];
  /** Taken, and not used yet. */
  private left = 0;
  private used = 0;

  private constructor(
    private readonly tenant: string,
    private readonly takeBytes: TakeBytes,
  ) {}

  /** Undefined where the tenant has no such quota. */
  static async begin(tenant: string, expectedBytes: number, takeBytes: TakeBytes): Promise<RoomOfTenant | undefined> {
    const room = new RoomOfTenant(tenant, takeBytes);
    return (await room.grow(Math.max(1, expectedBytes))) ? room : undefined;
  }

  /** Counts received bytes. Rejects when there is no room for more. */
  async take(bytes: number): Promise<void> {
    if (this.left < bytes) await this.more(bytes - this.left);
    this.left -= bytes;
    this.used += bytes;
  }

  /** Call it when the file is stored, or was given up: only what is stored stays. */
  end(stored: boolean): void {
    let stays = stored ? this.used : 0;
    for (const { taken, bytes } of this.parts.splice(0)) {
      taken.end(Math.min(bytes, stays));
      stays = Math.max(0, stays - bytes);
    }
  }

  /** A step where there is room for one, else as little as is needed. */
  private async more(bytes: number): Promise<void> {
    try {
      await this.grow(Math.max(bytes, STEP_BYTES));
    } catch (error) {
      if (!(error instanceof QuotaExceeded) || bytes >= STEP_BYTES) throw error;
      await this.grow(bytes);
    }
  }

  private async grow(bytes: number): Promise<boolean> {
    const taken = await this.takeBytes(this.tenant, bytes);
    this.left += bytes;
    if (taken) this.parts.push({ taken, bytes });
    return taken !== undefined;
  }
}
