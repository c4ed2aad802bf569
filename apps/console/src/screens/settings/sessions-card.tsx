import { useQuery } from '@tanstack/react-query';
import { type JSX, useState } from 'react';
import { api, type OpenSessionView } from '../../api/api';
import { queryClient } from '../../api/queries';
import { Deed } from '../../parts/deed';
import { Card, ErrorNote } from '../../parts/parts';
import { Time } from '../../parts/time';
import { Holders, May } from './holders';
import { tenantWords } from './words';

export const SESSIONS = ['sessions'] as const;

/** Who is signed in now, kept new by the screen's stream; nothing where nobody is. `own`: the caller's name in the audit. */
export function SessionsCard({ own }: { own: string }): JSX.Element | null {
  const [revoking, setRevoking] = useState<OpenSessionView | null>(null);
  const { data, error } = useQuery({ queryKey: SESSIONS, queryFn: ({ signal }) => api('GET /sessions', {}, signal), staleTime: Infinity });
  if (error) return <ErrorNote error={error} />;
  if (!data || data.items.length === 0) return null;
  return (
    <Card title="Signed in">
      <Holders who="Who">
        {data.items.map((one) => (
          <Row key={one.id} of={one} isOwn={one.subject === own} onRevoke={() => setRevoking(one)} />
        ))}
      </Holders>
      {revoking && <RevokeSession of={revoking} onClose={() => setRevoking(null)} />}
    </Card>
  );
}

function Row({ of, isOwn, onRevoke }: { of: OpenSessionView; isOwn: boolean; onRevoke: () => void }): JSX.Element {
  const { name, subject, tenant, scopes, kinds, openedAt, lastUsedAt, until } = of;
  return (
    <tr>
      <td className="wraps head">
        <b>{name}</b>
        {isOwn && <span className="dim"> (you)</span>}
        <div className="small dim">
          <code>{subject}</code>, for {tenantWords(tenant)}
        </div>
        <div className="small dim">
          since <Time at={openedAt} />
        </div>
      </td>
      <May scopes={scopes} kinds={kinds} />
      <td className="wraps full" data-l="last used">
        <Time at={lastUsedAt} />
        <div className="small dim">
          ends <Time at={until} />
        </div>
      </td>
      <td className="full">
        <button type="button" className="btn tiny risk" onClick={onRevoke}>
          Revoke…
        </button>
      </td>
    </tr>
  );
}

function RevokeSession({ of: { id, name, subject }, onClose }: { of: OpenSessionView; onClose: () => void }): JSX.Element {
  return (
    <Deed
      does="revokeSession"
      title="Revoke the session"
      button="Revoke it"
      risk
      command={`longhaul keys revoke-session ${id}`}
      act={async () => {
        await api('DELETE /sessions/{id}', { path: { id } });
        await queryClient.invalidateQueries({ queryKey: SESSIONS });
      }}
      onClose={onClose}
    >
      <p>
        The browser of {name} is signed out within two seconds, and its streams end. {name} may sign in again:{' '}
        {subject.startsWith('oidc:') ? 'lock the account at its identity provider first' : 'revoke the key instead'}, if that is not to be.
      </p>
    </Deed>
  );
}
