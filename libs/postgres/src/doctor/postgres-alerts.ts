import { type Alert, type AlertCause, type AlertFilter, type AlertStore, type ListedAlert, type TellAlerts, uuidv7 } from '@app/core';
import type { EntityManager } from 'typeorm';
import type { Database } from '../pool/database.js';
import { transact } from '../pool/transact.js';
import { END_ALERTS, FOUND_ALERTS, LIST_ALERTS, TELL_ALERTS } from './alert-statements.js';

const KEEP_SECONDS = 30 * 86_400;

interface AlertRow extends Omit<Alert, 'openedAt' | 'endedAt'> {
  opened_at: Date;
  ended_at: Date | null;
}

export class PostgresAlerts implements AlertStore<EntityManager> {
  constructor(private readonly db: Database) {}

  async found(causes: readonly AlertCause[]): Promise<void> {
    const column = (name: keyof AlertCause) => causes.map((cause) => cause[name]);
    await this.db.run(FOUND_ALERTS, [causes.map(() => uuidv7()), ...(['rule', 'link', 'level', 'message', 'fix'] as const).map(column)]);
  }

  async tell(afterSeconds: number, quietSeconds: number, tell: TellAlerts<EntityManager>): Promise<number> {
    const told = await transact(this.db, async (transaction) => {
      const ended = await this.db.run<AlertRow>(END_ALERTS, [quietSeconds, KEEP_SECONDS, afterSeconds], transaction);
      const opened = await this.db.run<AlertRow>(TELL_ALERTS, [afterSeconds], transaction);
      const alerts = [...ended, ...opened].map(alertOf);
      if (alerts.length > 0) await tell(alerts, transaction);
      return alerts.length;
    });
    if (told > 0) this.db.changed([]);
    return told;
  }

  async end(afterSeconds: number, quietSeconds: number): Promise<void> {
    await this.db.run(END_ALERTS, [quietSeconds, KEEP_SECONDS, afterSeconds]);
  }

  async list(afterSeconds: number, { state, rule, before, limit }: AlertFilter): Promise<ListedAlert[]> {
    const rows = await this.db.run<AlertRow & { told_at: Date | null }>(LIST_ALERTS, [afterSeconds, state, rule, before, limit]);
    return rows.map(({ told_at: toldAt, ...row }) => ({ ...alertOf(row), toldAt }));
  }
}

function alertOf({ opened_at: openedAt, ended_at: endedAt, ...row }: AlertRow): Alert {
  return { ...row, openedAt, endedAt };
}
