import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, Navigate, useNavigate } from '@tanstack/react-router';
import type { JSX } from 'react';
import { api, type JobState, type StatsHistory, type StatsView } from '../../api/api';
import { useStats } from '../../live/stats';
import { Icon } from '../../parts/icon';
import { Card, Choice, Empty, ErrorNote, Loading, Verdict } from '../../parts/parts';
import { Screen } from '../../parts/screen';
import { Time } from '../../parts/time';
import { reasonWords } from '../../words/reason-words';
import { clock, count, number } from '../../words/words';
import { useScreens } from '../../shell/screens';
import { AlertsCard } from './alerts-card';
import { Charts } from './charts';
import { QueuesTable } from './queues-table';
import { ScreenLink } from './screen-link';
import type { Span } from './span';
import './now.css';

const nowRoute = getRouteApi('/');

/** A step of the figures is written each ten seconds. */
const HISTORY_MS = 10_000;

/** Who may not see it begins with the first screen of the menu. */
export function NowScreen(): JSX.Element {
  const [first] = useScreens();
  return first === undefined || first.path === '/' ? <Now /> : <Navigate to={first.path} replace />;
}

function Now(): JSX.Element {
  const span = nowRoute.useSearch().span ?? '15m';
  const navigate = useNavigate();
  const { stats, away, error, refetch } = useStats(['alerts']);
  const history = useHistory(span);
  const verdict = away ?? stats?.verdict;
  return (
    <Screen title={verdict && !verdict.ok ? verdict.message : 'Now'} crumb="Now">
      {error && <ErrorNote error={error} retry={refetch} />}
      {verdict && (
        <Verdict ok={verdict.ok} title={verdict.message} acts={<ScreenLink link={verdict.link} className="btn primary" />}>
          {away && stats ? (
            <>
              What you see is from <Time at={stats.at} />.
            </>
          ) : verdict.more > 0 ? (
            `${count(verdict.more, 'more thing')} to look at.`
          ) : (
            stats && wellWords(stats)
          )}
        </Verdict>
      )}
      {!stats && !error && <Loading what="the figures" />}
      {stats && (
        <div className={away ? 'now stale' : 'now'}>
          <AlertsCard />
          {stats.ledger && <Ledger ledger={stats.ledger} />}
          <div className="row">
            <h2>In the course of time</h2>
            <span className="grow" />
            <Choice
              small
              label="Time shown"
              value={span}
              values={[
                ['15m', '15 min'],
                ['24h', '24 h'],
              ]}
              onChange={(value) => void navigate({ to: '/', search: value === '24h' ? { span: value } : {} })}
            />
          </div>
          <div className="grid2">
            {history && <Charts history={history} stats={stats} />}
            <Failures failures={stats.failures} />
          </div>
          <QueuesTable stats={stats} />
        </div>
      )}
    </Screen>
  );
}

function useHistory(span: Span): StatsHistory | undefined {
  const query = useQuery({
    queryKey: ['stats-history', span],
    queryFn: ({ signal }) =>
      api(
        'GET /stats/history',
        { query: { from: new Date(Date.now() - (span === '24h' ? 86_400_000 : 900_000)).toISOString(), step: span === '24h' ? '5m' : '10s' } },
        signal,
      ),
    refetchInterval: span === '24h' ? HISTORY_MS * 6 : HISTORY_MS,
    placeholderData: keepPreviousData,
  });
  return query.data;
}

function wellWords({ workers, lastTenSeconds, jobs }: StatsView): string {
  const ended = lastTenSeconds.succeeded + lastTenSeconds.failed + lastTenSeconds.cancelled;
  return `${count(workers.live, 'worker')} with ${number(workers.slotsUsed)} of ${count(workers.slots, 'slot')} in use, ${number(ended / 10)} jobs end a second, ${count(jobs.queued, 'job')} ${jobs.queued === 1 ? 'waits' : 'wait'}.`;
}

const PARTS: readonly JobState[] = ['succeeded', 'failed', 'cancelled', 'running', 'queued', 'scheduled'];

/** Accepted is the sum of all others: nothing is missing. */
function Ledger({ ledger }: { ledger: NonNullable<StatsView['ledger']> }): JSX.Element {
  return (
    <section className="card ledger" aria-label="Ledger">
      <div title={`Since ${clock(new Date(ledger.since))}, counted at ${clock(new Date(ledger.countedAt))}`}>
        <div className="l">Accepted in 24 h</div>
        <div className="v">{number(ledger.accepted)}</div>
      </div>
      {PARTS.map((state, index) => (
        <div key={state}>
          <span className="op" aria-hidden="true">
            {index === 0 ? '=' : '+'}
          </span>
          <div className="l">
            <span className={`st ${state}`}>
              <Icon name={state} />
            </span>
            <Link to="/jobs" search={{ state }}>
              {state}
            </Link>
          </div>
          <div className="v">{number(ledger[state])}</div>
        </div>
      ))}
    </section>
  );
}

function Failures({ failures }: Pick<StatsView, 'failures'>): JSX.Element {
  const total = failures.reduce((sum, failure) => sum + failure.count, 0);
  return (
    <Card
      title="Given up, by cause"
      note="the last hour"
      end={
        <span>
          <b>{number(total)}</b> <span className="dim">{total === 1 ? 'job or message' : 'jobs and messages'}</span>
        </span>
      }
    >
      {failures.length === 0 ? (
        <Empty icon="check" title="Nothing was given up in the last hour.">
          <p>What fails all its attempts, and messages that nobody can read, are listed here by kind and reason.</p>
        </Empty>
      ) : (
        <ol className="rank">
          {failures.slice(0, 6).map(({ source, kind, reason, count: times, open, lastAt }) => (
            <li key={`${source} ${kind ?? ''} ${reason}`}>
              <div className="cut">
                {kind === null ? (
                  <b>{reasonWords(reason)}</b>
                ) : (
                  <Link className="b" to="/jobs" search={{ state: 'failed', kind }}>
                    {kind}
                  </Link>
                )}
                <div className="small dim cut">
                  {kind === null ? 'a message' : reasonWords(reason)} · last <Time at={lastAt} relative />
                  {open < times && ` · ${number(times - open)} put back`}
                </div>
              </div>
              <b>{number(times)}</b>
            </li>
          ))}
        </ol>
      )}
      {failures.length > 6 && <p className="pad small dim">and {count(failures.length - 6, 'cause')} more</p>}
    </Card>
  );
}
