import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import { type AlertView, api } from '../../api/api';
import { ALERTS } from '../../live/stats';
import { Card, ErrorNote } from '../../parts/parts';
import { Time } from '../../parts/time';
import { ScreenLink } from './screen-link';

/** What is not well since when, and what to do. Nothing is shown while nothing is. */
export function AlertsCard(): JSX.Element | null {
  const { data, error, refetch } = useQuery({ queryKey: ALERTS, queryFn: ({ signal }) => api('GET /alerts', {}, signal), staleTime: Infinity });
  if (error) return <ErrorNote error={error} retry={() => void refetch()} />;
  if (!data || data.items.length === 0) return null;
  return (
    <Card title="Open alerts" note={data.told ? 'of which somebody is told' : ''}>
      <ul className="alerts">
        {worstFirst(data.items).map((alert) => (
          <Alert key={alert.id} alert={alert} />
        ))}
      </ul>
      {!data.told && (
        <p className="note">
          <span>
            Nobody is told of them. Set ALERT_EMAILS, or make an endpoint for alerts at <Link to="/webhooks">Webhooks</Link>.
          </span>
        </p>
      )}
      {data.nextCursor !== null && <p className="pad small dim">and older ones: longhaul alerts lists all</p>}
    </Card>
  );
}

/** Those that keep jobs from running, then what somebody should look at; of each the newest first. */
function worstFirst(alerts: readonly AlertView[]): AlertView[] {
  return alerts.toSorted((one, other) => Number(other.level === 'error') - Number(one.level === 'error'));
}

function Alert({ alert: { level, message, fix, link, openedAt } }: { alert: AlertView }): JSX.Element {
  return (
    <li>
      <span className={level === 'error' ? 'badge bad' : 'badge wait'}>{level}</span>
      <div>
        <p>
          <b>{message}</b>{' '}
          <span className="small dim nowrap">
            since <Time at={openedAt} relative />
          </span>
        </p>
        <p className="small mid">{withCode(fix)}</p>
      </div>
      <ScreenLink link={link} className="btn tiny" />
    </li>
  );
}

/** What the API has between backquotes is to be typed as it is. */
function withCode(text: string): (string | JSX.Element)[] {
  return text.split('`').map((part, at) => (at % 2 === 1 ? <code key={part}>{part}</code> : part));
}
