import { type Alert, type AlertCause, type AlertStore, type TellAlerts, uuidv7 } from '@app/core';
import type { EntityManager } from 'typeorm';
import type { Database } from '../pool/database.js';
import { transact } from '../pool/transact.js';
import { END_ALERTS, FOUND_ALERTS, TELL_ALERTS } from './alert-statements.js';

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
    return transact(this.db, async (transaction) => {
      const ended = await this.db.run<AlertRow>(END_ALERTS, [quietSeconds, KEEP_SECONDS], transaction);
      const opened = await this.db.run<AlertRow>(TELL_ALERTS, [afterSeconds], transaction);
      const alerts = [...ended, ...opened].map(({ opened_at: openedAt, ended_at: endedAt, ...row }) => ({ ...row, openedAt, endedAt }));
      if (alerts.length > 0) await tell(alerts, transaction);
      return alerts.length;
    });
  }
}
