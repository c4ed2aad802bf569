import { TextInput } from '@mantine/core';
import { type JSX, useState } from 'react';
import { api, type TenantQuotas } from '../../api/api';
import { Deed } from '../../parts/deed';
import { useFaults } from '../../parts/faults';
import { quoted } from '../../words/quoted';
import { amount, commandOf, type Quota, QUOTA_NAMES, QUOTAS, settingsOf, typedOf } from './quotas';

interface Props {
  onDone: () => Promise<void>;
  onClose: () => void;
}

export function QuotaForm({ of: { tenant, quotas }, onDone, onClose }: Props & { of: TenantQuotas }): JSX.Element {
  const [before] = useState(() => typedOf(quotas));
  const [typed, setTyped] = useState(before);
  const faults = useFaults();
  const hint = (quota: Quota): string => {
    const { used, limit, from } = quotas[quota];
    const now = used === null ? '' : `${amount(quota, used)} now`;
    const usual = from === 'setting' ? `${amount(quota, limit)} for all` : '';
    return [now, usual].filter((words) => words !== '').join(', ') || 'not kept how many there are';
  };
  return (
    <Deed
      does="putTenantQuotas"
      title={`Quotas of ${tenant}`}
      button={`Set the quotas of ${tenant}`}
      command={commandOf(tenant, before, typed)}
      act={() =>
        faults.while(async () => {
          await api('PUT /tenants/{tenant}/quotas', { path: { tenant }, body: settingsOf(typed) });
          await onDone();
        })
      }
      onClose={onClose}
      wide
    >
      <p>
        A number, or <code>none</code> for no bound. What is left empty is as the settings of the installation have it for all tenants. It holds everywhere
        within two seconds. Where it is less than there is, nothing is taken away.
      </p>
      <div className="fields">
        {QUOTA_NAMES.map((quota) => (
          <TextInput
            key={quota}
            label={QUOTAS[quota].isBytes ? `${QUOTAS[quota].name}, in bytes` : QUOTAS[quota].name}
            description={hint(quota)}
            inputMode="text"
            error={faults.of(`/${quota}`)}
            value={typed[quota]}
            onChange={(event) => {
              const { value } = event.currentTarget;
              setTyped((last) => ({ ...last, [quota]: value }));
            }}
          />
        ))}
      </div>
    </Deed>
  );
}

export function ResetQuotas({ tenant, onDone, onClose }: Props & { tenant: string }): JSX.Element {
  return (
    <Deed
      does="resetTenantQuotas"
      title={`Quotas of ${tenant} as for all`}
      button={`Take away what is set for ${tenant}`}
      risk
      command={`longhaul tenants reset ${quoted(tenant)}`}
      act={async () => {
        await api('DELETE /tenants/{tenant}/quotas', { path: { tenant } });
        await onDone();
      }}
      onClose={onClose}
    >
      <p>It may then have what the settings of the installation say for all tenants, and where they say nothing there is no bound.</p>
    </Deed>
  );
}
