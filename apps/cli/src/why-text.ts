import type { DryRun, WhyReason, WhyView } from '@app/client';

/** Why a job has not started, and when it will, as rows of a name and a text for people. `now` in milliseconds. */
export function whyRows({ state, reasons, estimatedStart, confidence }: WhyView, now: number): [name: string, text: string][] {
  if (reasons.length === 0) return [['why', `it does not wait: it has ended, ${state}`]];
  const rows = reasonRows('why', reasons, now);
  if (reasons.some(({ code }) => code === 'running')) return rows;
  return [...rows, startRow({ reasons, estimatedStart, confidence }, now)];
}

/** What a job would meet that is submitted now. */
export function dryRunRows(met: DryRun, now: number): [name: string, text: string][] {
  const of: [string, string][] = [['kind', met.kind], ['queue', met.queue], ['priority', String(met.priority)]]; // prettier-ignore
  if (met.existing !== null) return [...of, ['existing', `${met.existing}: this key has made it already, and a submission is answered with it`]];
  const limits = met.limits.map(({ limit, capacity, held, nextAt }, index): [string, string] => {
    const uses = [
      ...(capacity === null ? [] : [`${held} of ${capacity} run`]),
      ...(nextAt === null ? [] : [`next start ${inWords(Date.parse(nextAt) - now)}`]),
    ];
    return [index === 0 ? 'limits' : '', uses.length === 0 ? limit : `${limit}: ${uses.join(', ')}`];
  });
  return [...of, ...limits, ...reasonRows('waits', met.reasons, now), startRow(met, now)];
}

function reasonRows(name: string, reasons: WhyReason[], now: number): [string, string][] {
  return reasons.flatMap((reason, index) => textsOf(reason, now).map((text, line): [string, string] => [line > 0 ? '' : index === 0 ? name : 'and', text]));
}

function startRow({ reasons, estimatedStart, confidence }: Pick<WhyView, 'reasons' | 'estimatedStart' | 'confidence'>, now: number): [string, string] {
  if (estimatedStart === null) return ['starts', startUnknown(reasons)];
  // A rate is what it goes by; that nothing is in the way is a sentence.
  const basis = confidence === null || reasons[0]?.code === 'scheduled' ? '' : `${reasons.length === 0 ? ':' : ', by'} ${confidence}`;
  return ['starts', `${reasons[0]?.code === 'scheduled' ? '' : 'about '}${inWords(Date.parse(estimatedStart) - now)}, at ${estimatedStart}${basis}`];
}

/** The first line says it, further ones what to know or to do. */
function textsOf(reason: WhyReason, now: number): string[] {
  switch (reason.code) {
    case 'paused':
      return [
        `its ${reason.what} ${reason.name} is paused, ${agoInWords(now - Date.parse(reason.since))}${reason.by === null ? '' : `, by ${reason.by}`}${reason.reason === null ? '' : `: ${reason.reason}`}`,
      ];
    case 'scheduled':
      return [`${SCHEDULED[reason.by](reason.attempt)} ${inWords(Date.parse(reason.until) - now)}`];
    case 'no_worker':
      if (reason.workers === 0)
        return [
          `no live worker takes the queue ${reason.queue}`,
          `start one whose WORKER_QUEUES is empty or has ${reason.queue}, or assign it: longhaul workers assign`,
        ];
      return [`it needs ${reason.needsSlots} slots of a worker, and the largest that takes the queue ${reason.queue} has ${reason.largestWorker ?? 0}`];
    case 'broker_away':
      return reason.broker === 'blocked'
        ? ['RabbitMQ takes no messages: it is short of memory or disk. The job is safe in PostgreSQL']
        : ['RabbitMQ cannot be reached. The job is safe in PostgreSQL'];
    case 'limit':
      return [
        `the limit ${reason.limit} is full: ${reason.held} of ${reason.capacity} run, and ${before(reason)}`,
        `these run: ${reason.holders.slice(0, 3).join(', ')}${reason.held > 3 ? ', …' : ''}`,
      ];
    case 'rate':
      return [`the limit ${reason.limit} allows the next start ${inWords(Date.parse(reason.nextAt) - now)}, and ${before(reason)}`];
    case 'behind':
      return [reason.ahead === 0 ? `it is the next of the queue ${reason.queue}` : `${before(reason)} in the queue ${reason.queue}`];
    case 'published':
      return [
        reason.confirmed
          ? `RabbitMQ has its message, ${agoInWords(now - Date.parse(reason.since))}: the next worker with a free slot gets it`
          : 'its message is on its way to RabbitMQ',
      ];
    case 'running':
      return [
        `it does not wait: ${reason.worker ?? 'a worker'} runs it, ${agoInWords(now - Date.parse(reason.since))}${reason.attempt > 1 ? `, as attempt ${reason.attempt}` : ''}`,
      ];
  }
}

const SCHEDULED: Record<Extract<WhyReason, { code: 'scheduled' }>['by'], (attempt: number) => string> = {
  delay: () => 'it was submitted with a delay, which ends',
  backoff: (attempt) => `attempt ${attempt - 1} has failed, and attempt ${attempt} is due`,
  snooze: () => 'its handler has put it off; it is due again',
  unknown_kind: () => 'a worker that got it did not know its kind; it is tried again',
};

function before({ ahead, aheadIsExact }: { ahead: number; aheadIsExact: boolean }): string {
  return `${aheadIsExact ? '' : 'about '}${ahead.toLocaleString('en')} ${ahead === 1 ? 'job waits' : 'jobs wait'} before it`;
}

function startUnknown(reasons: WhyReason[]): string {
  const [first] = reasons;
  switch (first?.code) {
    case 'paused':
      return `not before the ${first.what} is resumed`;
    case 'no_worker':
      return 'not before there is a worker for it';
    case 'broker_away':
      return 'when RabbitMQ is back';
    case 'published':
      return 'as soon as a worker has a free slot';
    default:
      return 'nobody can say: no such job has started in the last minute';
  }
}

function inWords(ms: number): string {
  return ms <= 0 ? 'now' : `in ${spanOf(ms)}`;
}

/** For how long something has lasted. */
export function agoInWords(ms: number): string {
  return ms < 1_000 ? 'since now' : `for ${spanOf(ms)}`;
}

/** In its two largest units, as far as they tell something. */
export function spanOf(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return joined(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  if (seconds < 86_400) return joined(Math.floor(seconds / 3_600), 'h', Math.floor((seconds % 3_600) / 60), 'min');
  return joined(Math.floor(seconds / 86_400), 'd', Math.floor((seconds % 86_400) / 3_600), 'h');
}

function joined(count: number, unit: string, rest: number, smaller: string): string {
  return rest === 0 || count >= 10 ? `${count} ${unit}` : `${count} ${unit} ${rest} ${smaller}`;
}
