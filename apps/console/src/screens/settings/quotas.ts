import type { QuotaSettings, QuotaStates } from '../../api/api';
import { quoted } from '../../words/quoted';
import { bytes, number } from '../../words/words';

export type Quota = keyof QuotaStates;

interface QuotaWords {
  name: string;
  /** What happens beyond it. */
  beyond: string;
  /** Its option of `longhaul tenants set`. */
  flag: string;
  isBytes?: boolean;
}

/** In the order in which they are shown. */
export const QUOTAS: Readonly<Record<Quota, QuotaWords>> = {
  unfinishedJobs: { name: 'Jobs that have not ended', beyond: 'a submission is refused', flag: 'unfinished-jobs' },
  submissionsPerSecond: { name: 'Submissions a second', beyond: 'a submission is refused', flag: 'submissions-per-second' },
  submissionsBurst: { name: 'Submissions at once', beyond: 'a submission is refused', flag: 'submissions-burst' },
  fileBytes: { name: 'Stored files', beyond: 'an upload is refused', flag: 'file-bytes', isBytes: true },
  uploads: { name: 'Uploads at once', beyond: 'an upload is refused', flag: 'uploads' },
  schedules: { name: 'Schedules', beyond: 'no other is made', flag: 'schedules' },
  webhookEndpoints: { name: 'Webhook endpoints', beyond: 'no other is made', flag: 'webhook-endpoints' },
  emailsPerHour: { name: 'E-mails an hour', beyond: 'an e-mail becomes a dead letter', flag: 'emails-per-hour' },
  waits: { name: 'Waiting requests', beyond: 'they are answered at once', flag: 'waits' },
  streams: { name: 'Streams of events', beyond: 'no other is opened', flag: 'streams' },
};

export const QUOTA_NAMES = Object.keys(QUOTAS) as Quota[];

export function amount(quota: Quota, value: number | null): string {
  if (value === null) return 'no bound';
  return QUOTAS[quota].isBytes ? bytes(value) : number(value);
}

/** What was typed for each: empty as the settings of the installation have it, `none` without a bound. */
export type TypedQuotas = Readonly<Record<Quota, string>>;

export function typedOf(quotas: QuotaStates): TypedQuotas {
  const text = ({ limit, from }: QuotaStates[Quota]): string => (from === 'setting' ? '' : limit === null ? 'none' : String(limit));
  return Object.fromEntries(QUOTA_NAMES.map((quota) => [quota, text(quotas[quota])])) as TypedQuotas;
}

/** What is no number is sent as it is: the API says what it expects. */
export function settingsOf(typed: TypedQuotas): QuotaSettings {
  const value = (text: string): number | null => (text === 'none' ? null : /^\d+$/.test(text) ? Number(text) : (text as unknown as number));
  return Object.fromEntries(QUOTA_NAMES.flatMap((quota) => (typed[quota].trim() === '' ? [] : [[quota, value(typed[quota].trim())]])));
}

/** Only what has changed: the command line leaves the others as they are. */
export function commandOf(tenant: string, before: TypedQuotas, typed: TypedQuotas): string {
  const changed = QUOTA_NAMES.filter((quota) => typed[quota].trim() !== before[quota]);
  const flags = changed.map((quota) => ` --${QUOTAS[quota].flag} ${quoted(typed[quota].trim() === '' ? 'default' : typed[quota].trim())}`);
  return `longhaul tenants ${changed.length === 0 ? 'show' : 'set'} ${quoted(tenant)}${flags.join('')}`;
}
