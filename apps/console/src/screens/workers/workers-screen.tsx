import { useQuery } from '@tanstack/react-query';
import type { JSX } from 'react';
import { api } from '../../api/api';
import { kindsQuery } from '../../api/queries';
import { useMay } from '../../api/rights';
import { useStats, WORKERS } from '../../live/stats';
import { Icon } from '../../parts/icon';
import { Command, Empty, ErrorNote, Loading } from '../../parts/parts';
import { Screen } from '../../parts/screen';
import { sentenceOf, troublesOf } from './workers';
import { WorkerCard } from './worker-card';
import './workers.css';

export function WorkersScreen(): JSX.Element {
  const may = useMay();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: WORKERS,
    queryFn: ({ signal }) => api('GET /workers', {}, signal),
    staleTime: Infinity,
  });
  const { stats, away } = useStats(['workers', 'kinds']);
  const kinds = useQuery(kindsQuery);
  // Without a broker the gateway runs the jobs, and is not drained from afar: it would accept no more jobs.
  const health = useQuery({ queryKey: ['health'], queryFn: ({ signal }) => api('GET /health/ready', {}, signal), staleTime: Infinity });
  const isGateway = health.data?.broker === 'none';
  const workers = data?.items ?? [];
  const troubles = data ? troublesOf(workers, stats?.queues ?? [], kinds.data?.items ?? []) : [];
  return (
    <Screen title="Workers">
      <div>
        <h1>{data ? sentenceOf(workers) : 'Workers'}</h1>
        {isGateway && <p className="mid">There is no broker: the gateway runs the jobs itself. To let it end, stop its process.</p>}
      </div>
      {error && <ErrorNote error={error} retry={() => void refetch()} />}
      {away && <p className="note wait">{away.message}</p>}
      {isPending && <Loading what="workers" />}
      {troubles.length > 0 && (
        <ul className="troubles">
          {troubles.map((trouble) => (
            <li key={trouble} className="note wait">
              <Icon name="warn" />
              {trouble}
            </li>
          ))}
        </ul>
      )}
      {data && workers.length === 0 && (
        <section className="card">
          <Empty icon="workers" title="A worker appears here a second after its start.">
            <p>It needs the DATABASE_URL and AMQP_URL of this gateway.</p>
            <Command text="npx longhaul worker" />
          </Empty>
        </section>
      )}
      {workers.length > 0 && (
        <div className={workers.length === 1 ? 'workers one' : 'workers'}>
          {workers.map((worker) => (
            <WorkerCard key={worker.id} worker={worker} workers={workers} mayAssign={may('queues:control')} mayDrain={may('queues:control') && !isGateway} />
          ))}
        </div>
      )}
    </Screen>
  );
}
