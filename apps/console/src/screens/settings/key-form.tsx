import { TextInput } from '@mantine/core';
import { type JSX, useState } from 'react';
import { api, type MadeKey } from '../../api/api';
import { useKindNames } from '../../api/known';
import { type Scope, useIsWhole } from '../../api/rights';
import { Check } from '../../parts/check';
import { Deed } from '../../parts/deed';
import { useFaults } from '../../parts/faults';
import { Select } from '../../parts/select';
import { namesIn } from '../../words/typed';
import { seeKeys } from './key-deeds';
import { createCommand, MEANINGS, PRESETS } from './words';

const SCOPES = Object.keys(MEANINGS) as Scope[];
const DAY_MS = 86_400_000;
const ENDS = [
  ['', 'never'],
  ['7', 'in a week'],
  ['30', 'in 30 days'],
  ['365', 'in a year'],
] as const;
type Whose = 'one' | 'all';

/** Makes a key. `onMade` gets it, which is shown once. */
export function KeyForm({ onMade, onClose }: { onMade: (made: MadeKey) => void; onClose: () => void }): JSX.Element {
  const isWhole = useIsWhole();
  const kindNames = useKindNames();
  const [name, setName] = useState('');
  const [whose, setWhose] = useState<Whose>('one');
  const [tenant, setTenant] = useState('default');
  const [scopes, setScopes] = useState<readonly Scope[]>([]);
  const [kinds, setKinds] = useState('');
  const [days, setDays] = useState<(typeof ENDS)[number][0]>('');
  const [now] = useState(() => Date.now());
  const faults = useFaults();
  const names = namesIn(kinds);
  const body = {
    name: name.trim(),
    ...(isWhole && { tenant: whose === 'all' ? null : tenant.trim() }),
    scopes: [...scopes],
    ...(names.length > 0 && { kinds: names }),
    ...(days !== '' && { expiresAt: new Date(now + Number(days) * DAY_MS).toISOString() }),
  };
  const isPreset = (preset: readonly Scope[]): boolean => preset.length === scopes.length && preset.every((scope) => scopes.includes(scope));
  return (
    <Deed
      does="createKey"
      title="Make a key"
      button="Make it"
      command={createCommand(body)}
      act={() =>
        faults.while(async () => {
          onMade(await api('POST /keys', { body }));
          await seeKeys();
        })
      }
      onClose={onClose}
      wide
    >
      <div className="fields">
        <TextInput
          label="Who will have it"
          description="a service, or a person"
          required
          withAsterisk={false}
          data-autofocus
          placeholder="billing service"
          error={faults.of('/name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label="It ends"
          description="its holder is refused from then on"
          value={days}
          values={ENDS}
          error={faults.of('/expiresAt')}
          onChange={setDays}
        />
        {isWhole && (
          <Select
            label="For"
            description="whose jobs and other things it sees"
            value={whose}
            values={[
              ['one', 'one tenant'],
              ['all', 'all tenants, and the installation'],
            ]}
            onChange={setWhose}
          />
        )}
        {isWhole && whose === 'one' && (
          <TextInput
            label="Tenant"
            description="default, where there are no others"
            error={faults.of('/tenant')}
            value={tenant}
            onChange={(event) => setTenant(event.currentTarget.value)}
          />
        )}
      </div>
      <fieldset className="checks">
        <legend>It is for</legend>
        <div className="row wrap">
          {PRESETS.map((preset) => (
            <button key={preset.name} type="button" className="btn tiny" aria-pressed={isPreset(preset.scopes)} onClick={() => setScopes(preset.scopes)}>
              {preset.name}
            </button>
          ))}
        </div>
      </fieldset>
      <fieldset className="checks two">
        <legend>It may</legend>
        {SCOPES.map((scope) => (
          <Check
            key={scope}
            label={MEANINGS[scope]}
            checked={scopes.includes(scope)}
            onChange={(on) => setScopes((before) => SCOPES.filter((one) => (one === scope ? on : before.includes(one))))}
          />
        ))}
        {faults.of('/scopes') !== undefined && <p className="small bad">{faults.of('/scopes')}</p>}
      </fieldset>
      <TextInput
        label="Only of kinds"
        description="with commas between, such as report.*, csv.import; such a key has scopes of jobs, events and files only"
        list="key-kinds"
        error={faults.of('/kinds')}
        value={kinds}
        onChange={(event) => setKinds(event.currentTarget.value)}
      />
      <datalist
        id="key-kinds"
        children={kindNames.map((kind) => (
          <option key={kind} value={kind} />
        ))}
      />
    </Deed>
  );
}
