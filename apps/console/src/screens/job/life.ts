import type { DeliveryView, JobDetail, JobState, StateEvent, StepView, WhyView } from '../../api/api';
import type { IconName } from '../../parts/icon';
import { reasonWords } from '../../words/reason-words';
import { clock, duration } from '../../words/words';

export type Tone = 'wait' | 'plan' | 'back' | 'run' | 'ok' | 'bad' | 'lost' | 'off' | 'guess';

/** A row of the life of a job: a bar from `start` to `end`, or a pin where both are the same. Times in milliseconds since 1970. */
export interface Stage {
  id: string;
  icon: IconName;
  name: string;
  note: string;
  tone: Tone;
  start: number;
  end: number;
  /** Beside the bar. */
  label: string;
  /** It goes on. */
  isOpen: boolean;
  /** The attempt whose error it is. */
  errorOf?: JobDetail['errors'][number];
  /** Inside the bar, one after the other. */
  steps: { name: string; start: number; end: number }[];
}

export interface Told {
  job: JobDetail;
  /** Its changes of state, as far as they are kept. */
  states: readonly Pick<StateEvent, 'seq' | 'at' | 'state' | 'attempt'>[];
  steps: readonly StepView[];
  deliveries: readonly DeliveryView[];
  why: WhyView | undefined;
  now: number;
}

const ENDED: ReadonlySet<JobState> = new Set(['succeeded', 'failed', 'cancelled']);
/** A wait shorter than this is no row of its own, except the first. */
const NOT_WORTH_A_ROW_MS = 200;

/** Tells the life of a job, from its submission to the last that was told of it. */
export function lifeOf(told: Told): Stage[] {
  const { job, deliveries } = told;
  const states = complete(told);
  const stages = [submitted(job)];
  for (const [index, state] of states.entries()) stages.push(...stageOf(told, state, states[index + 1], index === 0));
  stages.push(...guess(told), ...deliveries.map(delivered));
  return stages;
}

/** Where the history is not kept any more, or has not come yet, the times of the job tell its outline. */
function complete({ job, states }: Told): Told['states'] {
  if (states.length > 0) return [...states].sort((one, other) => one.seq - other.seq);
  const { createdAt, startedAt, finishedAt, attempt, state } = job;
  return [
    { seq: 1, at: createdAt, state: state === 'scheduled' && attempt === 0 ? 'scheduled' : 'queued', attempt: 0 },
    ...(startedAt === null ? [] : [{ seq: 2, at: startedAt, state: 'running' as const, attempt }]),
    ...(finishedAt === null ? [] : [{ seq: 3, at: finishedAt, state, attempt }]),
  ];
}

function submitted(job: JobDetail): Stage {
  const at = Date.parse(job.createdAt);
  const note = job.schedule ? `by schedule ${job.schedule.id}` : `for queue ${job.queue}`;
  return {
    id: 'submitted',
    icon: 'plus',
    name: 'Submitted',
    note,
    tone: 'off',
    start: at,
    end: at,
    label: `accepted at ${clock(new Date(at))}`,
    isOpen: false,
    steps: [],
  };
}

type State = Told['states'][number];

function stageOf({ job, now, steps }: Told, state: State, next: State | undefined, isFirst: boolean): Stage[] {
  const start = Date.parse(state.at);
  const end = next ? Date.parse(next.at) : Math.max(now, start);
  const isOpen = !next;
  const took = duration(end - start);
  const stage = { id: String(state.seq), start, end, isOpen, steps: [] };
  switch (state.state) {
    case 'scheduled': {
      const until = isOpen && job.runAt !== null ? `until ${clock(new Date(job.runAt))}` : took;
      const due = isOpen && job.runAt !== null ? Math.max(end, Date.parse(job.runAt)) : end;
      if (state.attempt === 0) return [{ ...stage, end: due, icon: 'scheduled', name: 'Scheduled', note: 'waits for its time', tone: 'plan', label: until }];
      return [{ ...stage, end: due, icon: 'scheduled', name: 'Backoff', note: `before attempt ${String(state.attempt + 1)}`, tone: 'back', label: until }];
    }
    case 'queued':
      if (!isOpen && !isFirst && end - start < NOT_WORTH_A_ROW_MS) return [];
      return [{ ...stage, icon: 'queued', name: isOpen ? 'Waits' : 'Waited', note: `in queue ${job.queue}`, tone: 'wait', label: took }];
    case 'running':
      return [{ ...stage, ...attemptOf(job, state, next, took), name: `Attempt ${String(state.attempt)}`, steps: stepsIn(steps, start, end) }];
    default:
      return [{ ...stage, end: start, isOpen: false, ...ended(state.state) }];
  }
}

/** What became of an attempt is said by the state that followed it. */
function attemptOf(job: JobDetail, state: State, next: State | undefined, took: string): Pick<Stage, 'icon' | 'tone' | 'note' | 'label' | 'errorOf'> {
  const error = job.errors.find(
    ({ attempt, at }) => attempt === state.attempt && next !== undefined && Math.abs(Date.parse(at) - Date.parse(next.at)) < 60_000,
  );
  const about = error ? { errorOf: error } : {};
  switch (next?.state) {
    case undefined:
      return {
        icon: 'running',
        tone: 'run',
        note: job.worker === null ? 'on a worker' : `on ${job.worker}`,
        label: job.cancelRequested ? `${took}, asked to stop` : took,
      };
    case 'succeeded':
      return { icon: 'succeeded', tone: 'ok', note: 'its result is kept', label: took };
    case 'cancelled':
      return { icon: 'cancelled', tone: 'off', note: 'cancelled', label: `${took}, then stopped`, ...about };
    case 'queued':
      return {
        icon: 'warn',
        tone: 'lost',
        note: error?.code === 'worker_lost' ? 'its worker was lost' : 'interrupted',
        label: `${took}, then it goes on with another worker`,
        ...about,
      };
    case 'scheduled':
      if (!error) return { icon: 'scheduled', tone: 'plan', note: 'put off by its handler', label: took };
      return { icon: 'failed', tone: 'bad', note: reasonWords(error.code), label: `${took}, ${error.message}`, ...about };
    default:
      return { icon: 'failed', tone: 'bad', note: error ? reasonWords(error.code) : 'failed', label: error ? `${took}, ${error.message}` : took, ...about };
  }
}

function ended(state: JobState): Pick<Stage, 'icon' | 'tone' | 'name' | 'note' | 'label'> {
  const words = { succeeded: ['ok', 'result and events in one commit'], failed: ['bad', 'given up: a dead letter'], cancelled: ['off', 'by request'] } as const;
  const [tone, note] = state in words ? words[state as keyof typeof words] : (['off', ''] as const);
  return { icon: state, tone, name: 'Settled', note, label: state };
}

/** Steps say when they ended: each began where the one before it ended, or with the attempt. */
function stepsIn(steps: readonly StepView[], start: number, end: number): Stage['steps'] {
  const inside = steps.map(({ name, endedAt }) => ({ name, end: Date.parse(endedAt) })).filter((step) => step.end >= start && step.end <= end + 50);
  return inside.map((step, index) => ({ name: step.name, start: inside[index - 1]?.end ?? start, end: Math.min(step.end, end) }));
}

function guess({ job, why, now }: Told): Stage[] {
  if (ENDED.has(job.state) || job.state === 'running' || !why?.estimatedStart) return [];
  const end = Date.parse(why.estimatedStart);
  if (end <= now) return [];
  const label = `starts about ${clock(new Date(end))}`;
  return [
    {
      id: 'guess',
      icon: 'running',
      name: 'Would start',
      note: why.confidence ?? 'an estimate',
      tone: 'guess',
      start: now,
      end,
      label,
      isOpen: false,
      steps: [],
    },
  ];
}

function delivered({ id, url, state, attempts, createdAt, finishedAt, nextAttemptAt }: DeliveryView): Stage {
  const last = attempts.at(-1);
  const start = Date.parse(attempts[0]?.at ?? createdAt);
  const end = finishedAt === null ? start : Math.max(start, Date.parse(finishedAt));
  const answer = last?.status === undefined ? (last?.error ?? state) : String(last.status);
  const again = nextAttemptAt === null ? '' : `, again at ${clock(new Date(nextAttemptAt))}`;
  return {
    id: `delivery-${id}`,
    icon: 'webhooks',
    name: 'Webhook',
    note: hostOf(url),
    tone: state === 'succeeded' ? 'ok' : state === 'failed' ? 'bad' : 'wait',
    start,
    end,
    label: `${answer}${last ? ` in ${String(last.durationMs)} ms` : ''}${attempts.length > 1 ? `, attempt ${String(attempts.length)}` : ''}${again}`,
    isOpen: false,
    steps: [],
  };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

const NICE_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 7_200_000,
  21_600_000, 43_200_000, 86_400_000,
];
const MOST_TICKS = 7;

/** An axis that begins where the first stage does and ends a little after the last. */
export function axisOf(stages: readonly Stage[]): { from: number; span: number; step: number; ticks: number[] } {
  const from = Math.min(...stages.map(({ start }) => start));
  const span = Math.max(20, (Math.max(...stages.map(({ end }) => end)) - from) * 1.02);
  const step = NICE_MS.find((one) => span / one <= MOST_TICKS) ?? Math.ceil(span / MOST_TICKS / 86_400_000) * 86_400_000;
  return { from, span, step, ticks: Array.from({ length: Math.floor(span / step) }, (_, index) => (index + 1) * step).filter((tick) => tick < span * 0.97) };
}
