import { Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type JSX, useState } from 'react';
import { kindsQuery, queuesQuery } from '../../api/queries';
import { useMay } from '../../api/rights';
import { Icon } from '../../parts/icon';
import { State } from '../../parts/state';
import { FILTERS, type JobFilters, STATES } from './filters';

type Name = keyof JobFilters;

/** The filters that hold, as chips to take away, and a menu of those that can be added. */
export function FilterBar({ filters, onChange }: { filters: JobFilters; onChange: (filters: JobFilters) => void }): JSX.Element {
  const [adding, setAdding] = useState<Name | null>(null);
  const set = (name: Name, value: string | undefined): void => {
    const rest = Object.fromEntries(Object.entries(filters).filter(([other]) => other !== name));
    onChange(value === undefined || value === '' ? rest : { ...rest, [name]: value });
    setAdding(null);
  };
  return (
    <div className="row wrap" role="group" aria-label="Filters">
      {FILTERS.filter(({ name }) => filters[name] !== undefined).map(({ name, label }) => (
        <span className="chip" key={name}>
          <span className="k">{label}</span>
          <span className="cut">{filters[name]}</span>
          <button type="button" aria-label={`Remove the filter ${label}`} onClick={() => set(name, undefined)}>
            <Icon name="close" />
          </button>
        </span>
      ))}
      {adding !== null && adding !== 'state' && <TextFilter name={adding} onSet={(value) => set(adding, value)} onLeave={() => setAdding(null)} />}
      <Menu position="bottom-start" width={216}>
        <Menu.Target>
          <button type="button" className="chip add">
            <Icon name="plus" />
            Filter
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>State</Menu.Label>
          {STATES.map((state) => (
            <Menu.Item key={state} onClick={() => set('state', state)}>
              <State state={state} />
            </Menu.Item>
          ))}
          <Menu.Divider />
          {FILTERS.filter(({ name }) => name !== 'state').map(({ name, label }) => (
            <Menu.Item key={name} onClick={() => setAdding(name)}>
              {label}…
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

const HINTS: Record<Exclude<Name, 'state'>, string> = { kind: 'such as csv.import', queue: 'such as default', tag: 'such as customer-17' };

function TextFilter({ name, onSet, onLeave }: { name: Exclude<Name, 'state'>; onSet: (value: string) => void; onLeave: () => void }): JSX.Element {
  const [value, setValue] = useState('');
  const mayQueues = useMay()('queues:read');
  const kinds = useQuery({ ...kindsQuery, enabled: name === 'kind' }).data?.items.map(({ kind }) => kind);
  const queues = useQuery({ ...queuesQuery, enabled: name === 'queue' && mayQueues }).data?.items.map((queue) => queue.name);
  const known = (name === 'kind' ? kinds : name === 'queue' ? queues : undefined) ?? [];
  return (
    <form
      className="chip"
      onSubmit={(event) => {
        event.preventDefault();
        onSet(value.trim());
      }}
    >
      <label className="k" htmlFor="new-filter">
        {name}
      </label>
      <input
        id="new-filter"
        className="chip-in"
        list="known-values"
        placeholder={HINTS[name]}
        autoFocus
        value={value}
        onChange={(event) => {
          setValue(event.currentTarget.value);
          // Chosen from the list: nothing more is to be typed.
          if (!('inputType' in event.nativeEvent) && known.includes(event.currentTarget.value)) onSet(event.currentTarget.value);
        }}
        onKeyDown={(event) => event.key === 'Escape' && onLeave()}
      />
      <datalist id="known-values">
        {known.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <button type="submit" aria-label="Filter by it">
        <Icon name="check" />
      </button>
    </form>
  );
}
