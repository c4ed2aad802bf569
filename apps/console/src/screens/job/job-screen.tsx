import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import { api, ApiError, type JobDetail, type LogEvent, type StateEvent, type WhyView } from '../../api/api';
import { jobQuery, queryClient, stepsQuery, whyQuery } from '../../api/queries';
import { useMay } from '../../api/rights';
import { type JobEvent, JOB_EVENTS, patchJobs } from '../../live/job-events';
import { type StreamEvent, useStream } from '../../live/stream';
import { Empty, ErrorNote, Facts, Loading, Meter, CopyButton } from '../../parts/parts';
import { Screen } from '../../parts/screen';
import { StateBadge } from '../../parts/state';
import { Time, useNow } from '../../parts/time';
import { clock, duration, number, shortId } from '../../words/words';
import { Files, filesIn } from './files';
import { ImportedCard } from './imported-card';
import { JobDeeds } from './job-deeds';
import { JobParts } from './job-parts';
import { lifeOf } from './life';
import { LogCard } from './log-card';
import { Waterfall } from './waterfall';
import { WhyCard } from './why-card';
import './job.css';

/** By its path: the route loads this file. */
const jobRoute = getRouteApi('/jobs/$id');
const WHY_MS = 2_000;
const FINAL: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled']);

export function JobScreen(): JSX.Element {
  const { id } = jobRoute.useParams();
  const { data: job, error, refetch } = useQuery(jobQuery(id));
  const crumb = (
    <>
      <Link to="/jobs" search={{}}>
        Jobs
      </Link>
      <i>/</i>
      {job ? `${job.kind} ${shortId(id)}` : shortId(id)}
    </>
  );
  return (
    <Screen title={job ? `${job.kind} ${job.state}` : 'A job'} crumb={crumb}>
      {error && error instanceof ApiError && error.status === 404 ? (
        <section className="card">
          <Empty title="There is no such job.">
            <p>It may have been removed after its retention, or its id is not whole.</p>
            <Link className="btn" to="/jobs" search={{}}>
              Show all jobs
            </Link>
          </Empty>
        </section>
      ) : (
        error && <ErrorNote error={error} retry={() => void refetch()} />
      )}
      {!job && !error && <Loading what="the job" />}
      {job && <Job key={id} job={job} />}
    </Screen>
  );
}

function Job({ job }: { job: JobDetail }): JSX.Element {
  const hasEnded = FINAL.has(job.state);
  const may = useMay();
  const { states, logs } = useJobEvents(job);
  const waits = job.state === 'queued' || job.state === 'scheduled';
  // The stream tells it, to those who may have one.
  const why = useQuery({ ...whyQuery(job.id), enabled: waits, refetchInterval: waits && !may('events:read') ? WHY_MS : false }).data;
  const steps = useQuery(stepsQuery(job.id)).data;
  const deliveries = useQuery({
    queryKey: ['deliveries', job.id],
    queryFn: ({ signal }) => api('GET /webhooks/deliveries', { query: { job: job.id, limit: 20 } }, signal),
    enabled: hasEnded && may('webhooks:read'),
  }).data;
  return (
    <>
      <div className="row top wrap">
        <div className="grow jobname">
          <div className="row wrap">
            <h1>{job.kind}</h1>
            <StateBadge state={job.state} />
            {job.cancelRequested && !hasEnded && <span className="badge wait">asked to stop</span>}
          </div>
          <p className="mid">
            <Sentence job={job} />
          </p>
        </div>
        <div className="row acts-row">
          <CopyButton className="btn" text={curlOf(job)} label="Copy the curl line that shows this job">
            curl
          </CopyButton>
          <JobDeeds job={job} />
        </div>
      </div>
      {waits && why && <WhyCard why={why} />}
      <section className="card pad" aria-label="Facts">
        <Facts
          facts={[
            ['Kind', <Link key="k" to="/jobs" search={{ kind: job.kind }} children={job.kind} />],
            ['Queue', <Link key="q" to="/jobs" search={{ queue: job.queue }} children={job.queue} />],
            ['Attempts', `${String(job.attempt)} of ${String(job.maxAttempts)}`],
            ['Priority', String(job.priority)],
            job.progress !== null && ['Progress', <Progress key="p" job={job} />],
            job.worker !== null && ['Worker', <span key="w" className="mono" children={job.worker} />],
            job.schedule !== undefined && ['Schedule', `${job.schedule.id}, tick ${clock(new Date(job.schedule.tick))}`],
            job.cancellation !== null && ['Cancelled', cancelWords(job.cancellation)],
            job.tags.length > 0 && [
              'Tags',
              <span key="t" className="row wrap tags">
                {job.tags.map((tag) => (
                  <Link key={tag} className="tag" to="/jobs" search={{ tag }} children={tag} />
                ))}
              </span>,
            ],
            ['Created', <Time key="c" at={job.createdAt} />],
            [
              'Id',
              <span key="i" className="row mono">
                <span>{job.id}</span>
                <CopyButton className="btn quiet tiny" text={job.id} label="Copy the id" />
              </span>,
            ],
          ]}
        />
      </section>
      {/* What people wait for comes before how it came about. */}
      <ImportedCard job={job} />
      <Files files={filesIn(job.result)} />
      <Life job={job} told={{ states, steps: steps?.items ?? [], deliveries: deliveries?.items ?? [], why: waits ? why : undefined }} />
      <div className="cols">
        <div>
          <LogCard logs={logs} hasEnded={hasEnded} />
        </div>
        <div>
          <JobParts job={job} steps={steps?.items ?? []} deliveries={deliveries?.items ?? []} />
        </div>
      </div>
    </>
  );
}

function Life({ job, told }: { job: JobDetail; told: Omit<Parameters<typeof lifeOf>[0], 'job' | 'now'> }): JSX.Element {
  const ticking = useNow();
  const now = job.finishedAt === null ? ticking : Date.parse(job.finishedAt);
  const end = Math.max(now, ...told.deliveries.map(({ finishedAt, createdAt }) => Date.parse(finishedAt ?? createdAt)));
  const took = duration(end - Date.parse(job.createdAt));
  return (
    <Waterfall
      stages={lifeOf({ job, ...told, now })}
      note={job.finishedAt === null ? `${took} so far; what is dashed is an estimate` : `${took} from its submission to its end`}
    />
  );
}

interface Heard {
  states: StateEvent[];
  logs: LogEvent[];
  /** The number of the newest. */
  last: number;
}

/** The events of this job, from its first: what the stream has told, kept in the cache. */
function useJobEvents(job: JobDetail): Heard {
  const key = ['job-events', job.id];
  const { data } = useQuery<Heard>({ queryKey: key, queryFn: () => ({ states: [], logs: [], last: 0 }), staleTime: Infinity, gcTime: 60_000 });
  const heard = data ?? { states: [], logs: [], last: 0 };
  // Its end has been heard: the stream would only end at once.
  const isOver = (): boolean => FINAL.has(queryClient.getQueryData<JobDetail>(['job', job.id])?.state ?? '') && FINAL.has(heard.states.at(-1)?.state ?? '');
  useStream(FINAL.has(job.state) && FINAL.has(heard.states.at(-1)?.state ?? '') ? null : `/jobs/${job.id}/events?with=why`, {
    names: [...JOB_EVENTS, 'why'],
    isOver,
    onEvents: (events) => {
      const why = events.findLast(({ name }) => name === 'why');
      if (why) queryClient.setQueryData(whyQuery(job.id).queryKey, why.data as WhyView);
      const before = queryClient.getQueryData<Heard>(key) ?? heard;
      const fresh = named(events).filter(({ seq }) => seq > before.last);
      if (fresh.length > 0)
        queryClient.setQueryData<Heard>(key, {
          states: [...before.states, ...fresh.filter((event) => event.name === 'state')],
          logs: [...before.logs, ...fresh.filter((event) => event.name === 'log')],
          last: fresh.at(-1)?.seq ?? before.last,
        });
      patchJobs(fresh);
      // Payload, errors, worker and links come with the job, not with its events.
      if (fresh.some(({ name, seq }) => name === 'state' && seq > job.lastEventId) || events.some(({ name }) => name === 'reset')) {
        for (const what of ['job', 'why', 'steps']) void queryClient.invalidateQueries({ queryKey: [what, job.id] });
      }
    },
  });
  return heard;
}

function named(events: readonly StreamEvent[]): JobEvent[] {
  return events.filter(({ name }) => name !== 'reset' && name !== 'why').map(({ name, data }) => ({ name, ...(data as object) }) as JobEvent);
}

function Sentence({ job }: { job: JobDetail }): JSX.Element {
  const { state, createdAt, startedAt, finishedAt, attempt, maxAttempts, error } = job;
  const lost = job.errors.filter(({ code }) => code === 'worker_lost').length;
  const lostWords = lost === 0 ? '' : ` A worker that ran it was lost${lost > 1 ? ` ${String(lost)} times` : ''}, and another went on.`;
  const took = finishedAt === null ? '' : duration(Date.parse(finishedAt) - Date.parse(createdAt));
  switch (state) {
    case 'succeeded':
      return <>{`Succeeded at ${clock(new Date(finishedAt ?? createdAt))}, ${took} after it was submitted.${lostWords}`}</>;
    case 'failed':
      return (
        <>{`Failed at ${clock(new Date(finishedAt ?? createdAt))} after ${String(attempt)} of ${String(maxAttempts)} attempts: ${error?.message ?? 'no reason is kept'}`}</>
      );
    case 'cancelled':
      return <>{`Cancelled at ${clock(new Date(finishedAt ?? createdAt))}${job.cancellation?.reason ? `: ${job.cancellation.reason}` : ''}`}</>;
    case 'running':
      return (
        <>
          Runs since <Time at={startedAt} /> on attempt {attempt} of {maxAttempts}.{lostWords}
        </>
      );
    default:
      return (
        <>
          Submitted <Time at={createdAt} relative />.{lostWords}
        </>
      );
  }
}

/** More than this nobody counts along with: a share says more. */
const COUNTED = 10_000;

function Progress({ job }: { job: JobDetail }): JSX.Element | null {
  const now = useNow();
  const { progress, state } = job;
  if (!progress) return null;
  const { done, total, message, rate, estimatedEnd } = progress;
  const share = total === undefined || total <= 0 ? undefined : Math.max(0, Math.min(1, done / total));
  const counted = total === undefined ? number(done) : `${number(done)} of ${number(total)}`;
  const isShare = share !== undefined && (total ?? 0) > COUNTED;
  const left = estimatedEnd === undefined ? 0 : Date.parse(estimatedEnd) - now;
  return (
    <span className="row wrap">
      {share !== undefined && <Meter share={share} tone={state === 'succeeded' ? 'ok' : state === 'failed' ? 'bad' : ''} />}
      <span title={isShare ? counted : undefined}>
        {isShare ? `${String(Math.floor(share * 100))} %` : counted}
        {message !== undefined && `, ${message}`}
        {state === 'running' && rate !== undefined && !isShare && ` · ${number(Math.round(rate * 10) / 10)} a second`}
        {state === 'running' && left > 0 && ` · about ${left < 10_000 ? `${String(Math.max(1, Math.round(left / 1_000)))} s` : duration(left)} left`}
      </span>
    </span>
  );
}

const OUTCOMES = {
  not_started: 'it had not begun',
  stopped: 'its handler stopped',
  abandoned: 'its handler did not obey and was left behind',
  killed: 'its process was ended',
  too_late: 'it had its outcome first',
  worker_lost: 'its worker was lost',
};

function cancelWords({ by, reason, requestedAt, outcome }: NonNullable<JobDetail['cancellation']>): string {
  const who = `${by === null ? '' : `by ${by} `}at ${clock(new Date(requestedAt))}`;
  return `${who}${reason === null ? '' : ` (${reason})`}${outcome === null ? '' : `; ${OUTCOMES[outcome]}`}`;
}

function curlOf(job: JobDetail): string {
  return `curl -s ${location.origin}${job.links.self}`;
}
