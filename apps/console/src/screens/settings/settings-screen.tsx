import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import { api, type KeyView } from '../../api/api';
import { sessionQuery } from '../../api/queries';
import { useMay } from '../../api/rights';
import { usePolled } from '../../live/stream';
import { Icon } from '../../parts/icon';
import { ErrorNote, Loading } from '../../parts/parts';
import { Screen } from '../../parts/screen';
import { count } from '../../words/words';
import { KeysCard } from './keys-card';
import { QuotasCard } from './quotas-card';
import { SessionsCard } from './sessions-card';
import './settings.css';
import { YouCard } from './you-card';

const settingsRoute = getRouteApi('/settings');
const EVERY_MS = 10_000;

/** Who may do what here, and have how much: the caller's own rights, quotas, and for those who may see them the sessions and keys. */
export function SettingsScreen(): JSX.Element {
  const filters = settingsRoute.useSearch();
  const [isMaking, setMaking] = useState(false);
  const { data: session } = useQuery(sessionQuery);
  const mayKeys = useMay()('admin');
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['keys'],
    queryFn: ({ signal }) => api('GET /keys', {}, signal),
    refetchInterval: EVERY_MS,
    enabled: mayKeys,
  });
  usePolled(!error);
  return (
    <Screen title="Settings">
      <div className="row wrap titled">
        <h1 className="grow">{data ? sentenceOf(data.items, session?.auth ?? true) : 'Settings'}</h1>
        {mayKeys && (
          <button type="button" className="btn" onClick={() => setMaking(true)}>
            <Icon name="plus" />
            Key…
          </button>
        )}
      </div>
      {session?.auth === false && (
        <div className="note wait">
          <Icon name="warn" />
          <p className="grow">
            This gateway asks nobody for a key: whoever reaches its port may do everything. Make a key with <code>admin</code>, then set <code>AUTH=on</code>.
          </p>
        </div>
      )}
      {error && <ErrorNote error={error} retry={() => void refetch()} />}
      {mayKeys && isPending && <Loading what="keys" />}
      {session && <YouCard session={session} />}
      {session && <QuotasCard own={session.tenant} chosen={filters.tenant} />}
      {mayKeys && session && <SessionsCard own={session.subject} />}
      {data && <KeysCard keys={data.items} isAll={filters.keys === 'all'} isMaking={isMaking} setMaking={setMaking} />}
    </Screen>
  );
}

function sentenceOf(keys: readonly KeyView[], auth: boolean): string {
  const valid = keys.filter(({ state }) => state === 'valid').length;
  if (valid === 0) return auth ? 'No key is valid.' : 'Everybody may do everything.';
  return `${count(valid, 'key')} ${valid === 1 ? 'is' : 'are'} valid${auth ? '' : ', but nobody is asked for one'}`;
}
