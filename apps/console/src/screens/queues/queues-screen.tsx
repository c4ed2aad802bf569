import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import { api } from '../../api/api';
import { kindsQuery, queuesQuery } from '../../api/queries';
import { useMay } from '../../api/rights';
import { LIMITS, useStats } from '../../live/stats';
import { Icon } from '../../parts/icon';
import { Empty, ErrorNote, Loading } from '../../parts/parts';
import { Screen } from '../../parts/screen';
import { count } from '../../words/words';
import { KindsCard } from './kinds-card';
import { LimitCard } from './limit-card';
import { LimitForm } from './limit-form';
import { LimitsCard } from './limits-card';
import { queuesOf, troublesOf } from './queues';
import { QueuesCard } from './queues-card';
import './queues.css';

const queuesRoute = getRouteApi('/queues');

/** The stream tells the figures, limits, the one that is opened, and kinds when they change. This is for what has more queues than the figures tell. */
const LIST_MS = 60_000;
/** Older than that the figures are those of a stream that is gone. */
const FRESH_MS = 10_000;

export function QueuesScreen(): JSX.Element {
  const { limit: chosen } = queuesRoute.useSearch();
  const [isSetting, setSetting] = useState(false);
  const may = useMay();
  const mayLimits = may('limits:read');
  const { stats, updatedAt, away, error: statsError, refetch } = useStats(mayLimits ? ['kinds', 'limits'] : ['kinds'], mayLimits ? chosen : undefined);
  const list = useQuery({ ...queuesQuery, refetchInterval: LIST_MS });
  const kinds = useQuery(kindsQuery);
  const limits = useQuery({ queryKey: LIMITS, queryFn: ({ signal }) => api('GET /limits', {}, signal), staleTime: Infinity, enabled: mayLimits });
  // While the stream is gone the list is newer than its last figures.
  const isFresh = updatedAt > list.dataUpdatedAt - FRESH_MS;
  const queues = queuesOf(list.data?.items ?? [], (isFresh ? stats?.queues : undefined) ?? []);
  const items = limits.data?.items ?? [];
  const error = list.error ?? statsError ?? limits.error ?? kinds.error;
  const troubles = troublesOf(queues);
  const onNew = may('limits:write') ? () => setSetting(true) : undefined;
  return (
    <Screen title="Queues and limits">
      <div className="row wrap titled">
        <div className="grow">
          <h1>{list.data ? `${count(queues.length, 'queue')}, ${count(items.length, 'limit')}` : 'Queues and limits'}</h1>
          {list.data && <p className={troubles === '' ? 'mid' : 'b wait'}>{troubles === '' ? 'All queues take jobs.' : troubles}</p>}
        </div>
        {onNew && (
          <button type="button" className="btn" onClick={onNew}>
            <Icon name="plus" />
            Limit…
          </button>
        )}
      </div>
      {error && <ErrorNote error={error} retry={refetch} />}
      {away && <p className="note wait">{away.message}</p>}
      {list.isPending && <Loading what="queues" />}
      {list.data && queues.length === 0 && (
        <section className="card">
          <Empty icon="queues" title="No queues yet.">
            <p>A queue is there when a worker takes from it, or when a job has been submitted into it.</p>
          </Empty>
        </section>
      )}
      {queues.length > 0 && <QueuesCard queues={queues} mayControl={may('queues:control')} />}
      {chosen !== undefined && mayLimits && <LimitCard key={chosen} name={chosen} mayChange={may('limits:write')} />}
      {limits.data && <LimitsCard limits={items} chosen={chosen} onNew={onNew} />}
      {kinds.data && kinds.data.items.length > 0 && <KindsCard kinds={kinds.data.items} mayControl={may('queues:control')} />}
      {isSetting && <LimitForm names={items.map(({ name }) => name)} onClose={() => setSetting(false)} />}
    </Screen>
  );
}
