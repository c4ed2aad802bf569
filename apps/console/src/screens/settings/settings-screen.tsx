import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import { api, type KeyList, type KeysNow, type KeyView, type OpenSessionList } from '../../api/api';
import { queryClient, sessionQuery } from '../../api/queries';
import { useMay } from '../../api/rights';
import { useLook } from '../../live/look';
import { usePolled } from '../../live/stream';
import { Icon } from '../../parts/icon';
import { ErrorNote, Loading } from '../../parts/parts';
import { Screen } from '../../parts/screen';
import { count } from '../../words/words';
import { KeysCard } from './keys-card';
import { QuotasCard } from './quotas-card';
import { SESSIONS, SessionsCard } from './sessions-card';
import './settings.css';
import { YouCard } from './you-card';

const settingsRoute = getRouteApi('/settings');

/** Who may do what here, and have how much: the caller's own rights, quotas, and for those who may see them the sessions and keys. */
export function SettingsScreen(): JSX.Element {
  const filters = settingsRoute.useSearch();
  const [isMaking, setMaking] = useState(false);
  const { data: session } = useQuery(sessionQuery);
  const mayKeys = useMay()('admin');
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['keys'],
    queryFn: ({ signal }) => api('GET /keys', {}, signal),
    staleTime: Infinity,
    enabled: mayKeys,
  });
  usePolled(mayKeys ? null : true);
  const away = useLook(mayKeys ? '/streams/keys' : null, 'keys', (told) => {
    const { keys, sessions } = told as KeysNow;
    queryClient.setQueryData<KeyList>(['keys'], keys);
    queryClient.setQueryData<OpenSessionList>(SESSIONS, sessions);
  });
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
      {away && <p className="note wait">{away.message}</p>}
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
