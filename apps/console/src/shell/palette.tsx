import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import { kindsQuery, queuesQuery } from '../api/queries';
import { useMay } from '../api/rights';
import { Icon, type IconName } from '../parts/icon';
import { type ScreenLink, useScreens } from './screens';
import './palette.css';

interface Found {
  id: string;
  icon: IconName;
  name: string;
  note: string;
  to: string;
  search?: Record<string, string>;
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const MOST = 9;

/** Goes to a job by its id, to the jobs of a kind or a queue, or to a screen. */
export default function Palette({ onClose }: { onClose: () => void }): JSX.Element {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const kinds = useQuery(kindsQuery).data?.items ?? [];
  const queues = useQuery({ ...queuesQuery, enabled: useMay()('queues:read') }).data?.items ?? [];
  const screens = useScreens();
  const navigate = useNavigate();
  const found = find(text.trim(), screens, kinds.map(({ kind }) => kind), queues.map(({ name }) => name)); // prettier-ignore
  const at = Math.min(chosen, found.length - 1);
  const go = (one: Found | undefined): void => {
    if (!one) return;
    void navigate({ to: one.to, search: (one.search ?? {}) as never });
    onClose();
  };
  const onKey = (event: React.KeyboardEvent): void => {
    if (event.key === 'Enter') go(found[at]);
    else if (event.key === 'ArrowDown') setChosen((at + 1) % Math.max(1, found.length));
    else if (event.key === 'ArrowUp') setChosen((at - 1 + found.length) % Math.max(1, found.length));
    else return;
    event.preventDefault();
  };
  return (
    <Modal opened onClose={onClose} withCloseButton={false} padding={0} size={560} yOffset="12vh" attributes={{ content: { 'aria-label': 'Find' } }}>
      <div className="pal-in">
        <Icon name="search" />
        <input
          data-autofocus
          placeholder="Job id, kind, queue or screen"
          aria-label="Job id, kind, queue or screen"
          role="combobox"
          aria-expanded
          aria-controls="pal"
          aria-activedescendant={found[at] ? `pal-${found[at].id}` : undefined}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setChosen(0);
          }}
          onKeyDown={onKey}
        />
        <kbd>Esc</kbd>
      </div>
      <ul className="pal" id="pal" role="listbox" aria-label="Found">
        {found.map((one, index) => (
          <li key={one.id} id={`pal-${one.id}`} role="option" aria-selected={index === at} onClick={() => go(one)} onMouseMove={() => setChosen(index)}>
            <Icon name={one.icon} />
            <b>{one.name}</b>
            <span className="cut">{one.note}</span>
          </li>
        ))}
        {found.length === 0 && (
          <li aria-selected={false} role="option">
            Nothing is called so. A job is found by its whole id.
          </li>
        )}
      </ul>
      <p className="pal-keys">
        <kbd>↑</kbd> <kbd>↓</kbd> choose <kbd>Enter</kbd> go <kbd>Ctrl K</kbd> or <kbd>/</kbd> opens this
      </p>
    </Modal>
  );
}

function find(text: string, screens: readonly ScreenLink[], kinds: readonly string[], queues: readonly string[]): Found[] {
  if (ID.test(text)) return [{ id: 'job', icon: 'jobs', name: 'Job', note: text, to: `/jobs/${text.toLowerCase()}` }];
  const all: Found[] = [
    ...screens.map(({ path, name, icon }): Found => ({ id: path, icon, name, note: 'screen', to: path })),
    { id: 'failed', icon: 'failed', name: 'Failed jobs', note: 'newest first', to: '/jobs', search: { state: 'failed' } },
    { id: 'running', icon: 'running', name: 'Running jobs', note: 'now', to: '/jobs', search: { state: 'running' } },
    ...kinds.map((kind): Found => ({ id: `kind-${kind}`, icon: 'jobs', name: kind, note: 'jobs of this kind', to: '/jobs', search: { kind } })),
    ...queues.map((queue): Found => ({ id: `queue-${queue}`, icon: 'queues', name: queue, note: 'jobs of this queue', to: '/jobs', search: { queue } })),
  ];
  const wanted = text.toLowerCase();
  return all.filter(({ name }) => name.toLowerCase().includes(wanted)).slice(0, MOST);
}
