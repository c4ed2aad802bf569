import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import { api, type QuotaState, type TenantQuotas } from '../../api/api';
import { queryClient } from '../../api/queries';
import { useMay } from '../../api/rights';
import { Card, ErrorNote, Loading, Meter } from '../../parts/parts';
import { Select } from '../../parts/select';
import { NONE, number } from '../../words/words';
import { QuotaForm, ResetQuotas } from './quota-form';
import { amount, type Quota, QUOTA_NAMES, QUOTAS } from './quotas';

const EVERY_MS = 5_000;
const MOST_TENANTS = 200;
/** From this share on somebody should look. */
const NEAR = 0.8;

/** What a tenant may have and has: of a session for one tenant its own, of one for all those of the tenant that is chosen. */
export function QuotasCard({ own, chosen }: { own: string | null; chosen: string | undefined }): JSX.Element {
  const may = useMay();
  const isForAll = own === null && may('limits:read');
  const navigate = useNavigate();
  const list = useQuery({
    queryKey: ['tenants'],
    queryFn: ({ signal }) => api('GET /tenants', { query: { limit: MOST_TENANTS } }, signal),
    enabled: isForAll,
  });
  const names = [...new Set(['default', ...(list.data?.items.map(({ tenant }) => tenant) ?? []), ...(chosen === undefined ? [] : [chosen])])];
  const tenant = isForAll ? (chosen ?? 'default') : null;
  const { data, error, refetch } = useQuery({
    queryKey: ['quotas', tenant],
    queryFn: ({ signal }) => (tenant === null ? api('GET /quotas', {}, signal) : api('GET /tenants/{tenant}/quotas', { path: { tenant } }, signal)),
    refetchInterval: EVERY_MS,
  });
  return (
    <Card
      title="Quotas"
      note={
        data && `what ${data.tenant === 'default' && own === null ? 'the tenant default, which has all that is of no other,' : data.tenant} may have, and has`
      }
      end={data && isForAll && may('limits:write') && <QuotaDeeds of={data} />}
    >
      {isForAll && names.length > 1 && (
        <div className="pad tenant-choice">
          <Select
            label="Tenant"
            value={data?.tenant ?? tenant ?? 'default'}
            values={names.map((name) => [name, name])}
            onChange={(name) => void navigate({ to: '/settings', search: (before) => ({ ...before, tenant: name }), resetScroll: false })}
          />
        </div>
      )}
      {error && <ErrorNote error={error} retry={() => void refetch()} />}
      {data ? <QuotaTable of={data} /> : !error && <Loading what="quotas" />}
    </Card>
  );
}

function QuotaTable({ of: { quotas } }: { of: TenantQuotas }): JSX.Element {
  return (
    <div className="scroll">
      <table className="stack quotas">
        <thead>
          <tr>
            <th scope="col">Quota</th>
            <th scope="col" className="num">
              Used
            </th>
            <th scope="col" className="num">
              Of
            </th>
            <th scope="col">Share</th>
            <th scope="col">Beyond it</th>
            <th scope="col">Set</th>
          </tr>
        </thead>
        <tbody>
          {QUOTA_NAMES.map((quota) => (
            <Row key={quota} quota={quota} state={quotas[quota]} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ quota, state: { limit, used, from } }: { quota: Quota; state: QuotaState }): JSX.Element {
  const { name, beyond } = QUOTAS[quota];
  const share = limit === null || used === null ? null : limit === 0 ? 1 : used / limit;
  return (
    <tr>
      <td className="full">
        <b>{name}</b>
      </td>
      <td className="num" data-l="used" title={used === null ? 'not kept' : number(used)}>
        {used === null ? NONE : amount(quota, used)}
      </td>
      <td className="num" data-l="of" title={limit === null ? undefined : number(limit)}>
        {amount(quota, limit)}
      </td>
      <td data-l="share">
        {share === null ? (
          <span className="dim">{NONE}</span>
        ) : (
          <span className="row">
            <Meter share={share} tone={share >= 1 ? 'bad' : share >= NEAR ? 'wait' : ''} />
            <span className={share >= 1 ? 'bad' : share >= NEAR ? 'wait' : 'mid'}>{share >= 1 ? 'full' : `${String(Math.round(share * 100))} %`}</span>
          </span>
        )}
      </td>
      <td className="mid full" data-l="beyond it">
        {limit === null ? '' : beyond}
      </td>
      <td className="dim full" data-l="set">
        {from === 'tenant' ? 'for this tenant' : limit === null ? '' : 'for all'}
      </td>
    </tr>
  );
}

async function seeQuotas(): Promise<void> {
  await Promise.all([queryClient.invalidateQueries({ queryKey: ['quotas'] }), queryClient.invalidateQueries({ queryKey: ['tenants'] })]);
}

function QuotaDeeds({ of }: { of: TenantQuotas }): JSX.Element {
  const [deed, setDeed] = useState<'set' | 'reset' | null>(null);
  const hasOwn = QUOTA_NAMES.some((quota) => of.quotas[quota].from === 'tenant');
  const close = (): void => setDeed(null);
  return (
    <>
      {hasOwn && (
        <button type="button" className="btn tiny" onClick={() => setDeed('reset')}>
          As for all…
        </button>
      )}
      <button type="button" className="btn tiny" onClick={() => setDeed('set')}>
        Set…
      </button>
      {deed === 'set' && <QuotaForm of={of} onDone={seeQuotas} onClose={close} />}
      {deed === 'reset' && <ResetQuotas tenant={of.tenant} onDone={seeQuotas} onClose={close} />}
    </>
  );
}
