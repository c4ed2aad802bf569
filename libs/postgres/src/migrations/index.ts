import { Jobs1700000000010 } from './1700000000010-jobs.js';
import { Files1700000000020 } from './1700000000020-files.js';
import { DebugLedger1700000000030 } from './1700000000030-debug-ledger.js';
import { Events1700000000040 } from './1700000000040-events.js';
import { Webhooks1700000000050 } from './1700000000050-webhooks.js';
import { Claims1700000000060 } from './1700000000060-claims.js';
import { ExactJson1700000000070 } from './1700000000070-exact-json.js';
import { DeclaredQueues1700000000090 } from './1700000000090-declared-queues.js';
import { EmailCounts1700000000110 } from './1700000000110-email-counts.js';
import { MessageTime1700000000120 } from './1700000000120-message-time.js';
import { InterruptedAt1700000000140 } from './1700000000140-interrupted-at.js';
import { OwnSchema1700000000150 } from './1700000000150-own-schema.js';
import { Notify1700000000160 } from './1700000000160-notify.js';
import { WakeUps1700000000170 } from './1700000000170-wake-ups.js';
import { PlainHistory1700000000180 } from './1700000000180-plain-history.js';
import { FlowControl1700000000190 } from './1700000000190-flow-control.js';
import { LimitsInCode1700000000220 } from './1700000000220-limits-in-code.js';
import { Starts1700000000230 } from './1700000000230-starts.js';
import { StartBefore1700000000260 } from './1700000000260-start-before.js';
import { Schedules1700000000290 } from './1700000000290-schedules.js';
import { Cancel1700000000300 } from './1700000000300-cancel.js';
import { Workers1700000000310 } from './1700000000310-workers.js';
import { Stats1700000000320 } from './1700000000320-stats.js';
import { LetterGroups1700000000330 } from './1700000000330-letter-groups.js';
import { Rights1700000000350 } from './1700000000350-rights.js';
import { Alerts1700000000400 } from './1700000000400-alerts.js';
import { Tenants1700000000410 } from './1700000000410-tenants.js';
import { Quotas1700000000430 } from './1700000000430-quotas.js';
import { SignIn1700000000440 } from './1700000000440-sign-in.js';
import { PayloadSearch1700000000450 } from './1700000000450-payload-search.js';
import { AssignedQueues1700000000460 } from './1700000000460-assigned-queues.js';
import { Erasures1700000000470 } from './1700000000470-erasures.js';
import { StreamTickets1700000000500 } from './1700000000500-stream-tickets.js';
import { SharedOutcomes1700000000510 } from './1700000000510-shared-outcomes.js';
import { ListedErasures1700000000520 } from './1700000000520-listed-erasures.js';
import { FailingSchedules1700000000530 } from './1700000000530-failing-schedules.js';
import { RetentionRules1700000000540 } from './1700000000540-retention-rules.js';

/**
 * In the order of their timestamps. A migration that was released is never edited; a change is a new one, which adds and changes nothing that
 * the version before works with, and gives the schema its number (`numbered`).
 */
export const MIGRATIONS = [
  Jobs1700000000010,
  Files1700000000020,
  DebugLedger1700000000030,
  Events1700000000040,
  Webhooks1700000000050,
  Claims1700000000060,
  ExactJson1700000000070,
  DeclaredQueues1700000000090,
  EmailCounts1700000000110,
  MessageTime1700000000120,
  InterruptedAt1700000000140,
  OwnSchema1700000000150,
  Notify1700000000160,
  WakeUps1700000000170,
  PlainHistory1700000000180,
  FlowControl1700000000190,
  LimitsInCode1700000000220,
  Starts1700000000230,
  StartBefore1700000000260,
  Schedules1700000000290,
  Cancel1700000000300,
  Workers1700000000310,
  Stats1700000000320,
  LetterGroups1700000000330,
  Rights1700000000350,
  Alerts1700000000400,
  Tenants1700000000410,
  Quotas1700000000430,
  SignIn1700000000440,
  PayloadSearch1700000000450,
  AssignedQueues1700000000460,
  Erasures1700000000470,
  StreamTickets1700000000500,
  SharedOutcomes1700000000510,
  ListedErasures1700000000520,
  FailingSchedules1700000000530,
  RetentionRules1700000000540,
];

/** The table in our schema in which TypeORM keeps what has run. */
export const MIGRATIONS_TABLE = 'longhaul_migrations';

/** Of a migration: 15 for `OwnSchema1700000000150`. */
const numberOf = (name: string): number => (Number(name.slice(-13)) - 1_700_000_000_000) / 10;

/** The number of the schema that this version makes. */
export const SCHEMA_NUMBER = Math.max(...MIGRATIONS.map(({ name }) => numberOf(name)));
