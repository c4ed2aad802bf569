import { isSealed, ofTenant, sealedWith } from '@app/core';
import type { Database, Statement } from '../pool/database.js';
import { placeOf } from './job-data.js';
import { SEALED_LETTER } from './letters.js';
import {
  DELIVERIES_TO_RESEAL,
  JOBS_TO_RESEAL,
  KEYS_TO_RESEAL,
  LETTERS_TO_RESEAL,
  RESEAL_DELIVERY,
  RESEAL_JOB,
  RESEAL_KEY,
  RESEAL_LETTER,
  RESEAL_SCHEDULE,
  RESEAL_STEP,
  RESEAL_STORED_STEP,
  SCHEDULES_TO_RESEAL,
  STEPS_TO_RESEAL,
} from './reseal-statements.js';

const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** How many rows were sealed anew, and how many were left because their key is not here or they cannot be opened; `reason`: of the last of these. */
export interface Resealed {
  sealed: number;
  left: number;
  reason?: string;
}

interface StaleRow {
  id: string;
  name: string;
  tenant: string;
  identity: string;
  scope: string;
  key: string;
  first: string | null;
  second?: string | null;
}

interface Table {
  find: Statement;
  /** Of the look, besides how texts begin and which are wanted. */
  wanted: unknown[];
  start: unknown[];
  at: (row: StaleRow) => unknown[];
  seal: (row: StaleRow) => [change: Statement, values: unknown[]];
}

/**
 * Seals with the current key what was sealed with another one, and what was stored plainly of kinds that are sealed now. Beside submissions and workers, row by row, each by a
 * statement that changes only what is as it was read: nothing is locked for longer than that, and nothing that came meanwhile is lost. A crash, or a stop, leaves rows of both
 * keys, which all processes that have both read; the next run finds what is left.
 */
export class PostgresResealing {
  constructor(private readonly db: Database) {}

  /** `stopped`: asked before each row. */
  async run(stopped: () => boolean = () => false): Promise<Resealed> {
    const done: Resealed = { sealed: 0, left: 0 };
    const { currentId } = this.db.data;
    if (currentId === undefined) return done;
    for (const table of this.tables(sealedWith(), sealedWith(currentId))) await this.reseal(table, done, stopped);
    return done;
  }

  private async reseal({ find, wanted, start, at, seal }: Table, done: Resealed, stopped: () => boolean): Promise<void> {
    for (let behind = start; !stopped();) {
      const rows = await this.db.run<StaleRow>(find, [...wanted, ...behind]);
      for (const row of rows) {
        if (stopped()) return;
        if (row.first === null && !row.second) continue;
        try {
          const [change, values] = seal(row);
          done.sealed += (await this.db.run(change, values)).length;
        } catch (error) {
          if ((error as { code?: unknown }).code !== 'unavailable') throw error;
          done.left++;
          done.reason = (error as Error).message;
        }
      }
      const last = rows.at(-1);
      if (!last || rows.length < RESEAL_STEP) return;
      behind = at(last);
    }
  }

  private tables(sealed: string, current: string): Table[] {
    const { kinds } = this.db.data;
    const ofKinds = [sealed, current, kinds === 'all', typeof kinds === 'string' ? [] : [...kinds]];
    const anew = (text: string, place: string) => this.anew(text, place);
    const bytes = (text: string) => Buffer.from(text, 'latin1');
    return [
      {
        ...{ find: JOBS_TO_RESEAL, wanted: ofKinds, start: [FIRST_ID], at: ({ id }) => [id] },
        seal: ({ id, tenant, first, second }) => [
          RESEAL_JOB,
          [id, first, first && anew(first, placeOf.payload(tenant, id)), second, second && anew(second, placeOf.result(tenant, id))],
        ],
      },
      {
        ...{ find: STEPS_TO_RESEAL, wanted: ofKinds, start: [FIRST_ID, ''], at: ({ id, name }) => [id, name] },
        seal: ({ id, name, tenant, first }) => [RESEAL_STORED_STEP, [id, name, first, anew(first ?? '', placeOf.step(tenant, id, name))]],
      },
      {
        ...{ find: SCHEDULES_TO_RESEAL, wanted: ofKinds, start: ['', ''], at: ({ tenant, id }) => [tenant, id] },
        seal: ({ tenant, id, first }) => [RESEAL_SCHEDULE, [tenant, id, first, anew(first ?? '', placeOf.schedule(ofTenant(tenant, id)))]],
      },
      {
        ...{ find: DELIVERIES_TO_RESEAL, wanted: ofKinds, start: [FIRST_ID], at: ({ id }) => [id] },
        seal: ({ id, tenant, first }) => [RESEAL_DELIVERY, [id, first, anew(first ?? '', placeOf.delivery(tenant, id))]],
      },
      {
        ...{ find: LETTERS_TO_RESEAL, wanted: [sealed, current, SEALED_LETTER], start: [FIRST_ID], at: ({ id }) => [id] },
        seal: ({ id, tenant, identity, first }) => [RESEAL_LETTER, [id, bytes(first ?? ''), bytes(anew(first ?? '', placeOf.letter(tenant, identity)))]],
      },
      {
        ...{ find: KEYS_TO_RESEAL, wanted: [sealed, current], start: ['', ''], at: ({ scope, key }) => [scope, key] },
        seal: ({ scope, key, first }) => [RESEAL_KEY, [scope, key, bytes(first ?? ''), bytes(anew(first ?? '', placeOf.key(scope, key)))]],
      },
    ];
  }

  private anew(text: string, place: string): string {
    const { data } = this.db;
    return data.seal(isSealed(text) ? data.openBytes(text, place) : text, place);
  }
}
