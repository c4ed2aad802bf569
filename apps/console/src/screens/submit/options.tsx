import { type JSX, useId } from 'react';
import type { KindView, SubmitOptions } from '../../api/api';
import { useQueueNames } from '../../api/known';
import { FaultLines, useFaults } from './faults';

/** The options as they are typed. */
export interface Typed {
  queue: string;
  priority: string;
  delay: string;
  uniqueKey: string;
  keep: '' | 'newest';
  idempotencyKey: string;
}

export const NO_OPTIONS: Typed = { queue: '', priority: '', delay: '', uniqueKey: '', keep: '', idempotencyKey: '' };

/** As the API takes them; undefined where all are left out. */
export function optionsOf({ queue, priority, delay, uniqueKey, keep }: Typed): SubmitOptions | undefined {
  const options = {
    ...(queue.trim() === '' ? {} : { queue: queue.trim() }),
    // What is no number is sent as it is: the gateway says what it should be.
    ...(priority.trim() === '' ? {} : { priority: (/^-?\d+$/.test(priority.trim()) ? Number(priority) : priority) as number }),
    ...(delay.trim() === '' ? {} : { delay: delay.trim() }),
    ...(uniqueKey === '' ? {} : { unique: { key: uniqueKey, ...(keep === '' ? {} : { keep }) } }),
  };
  return Object.keys(options).length === 0 ? undefined : options;
}

interface Props {
  kind: KindView;
  typed: Typed;
  onChange: (typed: Typed) => void;
}

/** Where it goes, when, and by which keys it is known. */
export function OptionFields({ kind, typed, onChange }: Props): JSX.Element {
  const queues = useQueueNames();
  const set =
    (name: keyof Typed) =>
    (value: string): void =>
      onChange({ ...typed, [name]: value });
  return (
    <div className="payload-fields pad">
      <Option
        label="Queue"
        pointer="/options/queue"
        hint="Left empty, the one of its kind"
        value={typed.queue}
        onChange={set('queue')}
        placeholder={kind.queue}
        list="queues"
      />
      <datalist id="queues">
        {queues.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Option
        label="Priority"
        pointer="/options/priority"
        hint="Higher goes first"
        value={typed.priority}
        onChange={set('priority')}
        placeholder={String(kind.priority)}
      />
      <Option label="Delay" pointer="/options/delay" hint="Such as 30s, 15m or PT1H" value={typed.delay} onChange={set('delay')} placeholder="at once" />
      <Option label="Idempotency key" pointer="" hint="Sent twice it makes one job, for a day" value={typed.idempotencyKey} onChange={set('idempotencyKey')} />
      <Option
        label="Unique key"
        pointer="/options/unique"
        hint="Of the jobs of its kind with this key, one waits at most"
        value={typed.uniqueKey}
        onChange={set('uniqueKey')}
      />
      {typed.uniqueKey !== '' && (
        <label className="field">
          <span className="l">Which one stays</span>
          <select className="in" value={typed.keep} onChange={(event) => set('keep')(event.currentTarget.value)}>
            <option value="">the one that waits</option>
            <option value="newest">this one, and the other is cancelled</option>
          </select>
        </label>
      )}
    </div>
  );
}

function Option({
  label,
  pointer,
  hint,
  value,
  onChange,
  ...input
}: {
  label: string;
  pointer: string;
  hint: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  list?: string;
}): JSX.Element {
  const id = useId();
  const { shown, touch } = useFaults(pointer);
  const faults = pointer === '' ? [] : shown;
  return (
    <div className="field">
      <label className="l" htmlFor={id}>
        {label}
      </label>
      <input
        id={id}
        className={faults.length > 0 ? 'in bad' : 'in'}
        aria-invalid={faults.length > 0}
        aria-describedby={`${id}-hint`}
        value={value}
        onChange={(event) => {
          touch();
          onChange(event.currentTarget.value);
        }}
        {...input}
      />
      <div id={`${id}-hint`}>{faults.length > 0 ? <FaultLines faults={faults} pointer={pointer} /> : <p className="h">{hint}</p>}</div>
    </div>
  );
}
