import { type JSX, useContext, useId, useState } from 'react';
import type { KindView, SubmitOptions } from '../../api/api';
import { useQueueNames } from '../../api/known';
import { namesIn, numberOr } from '../../words/typed';
import { FaultLines, Faults, useFaults } from './faults';

/** Options that are one text each. */
type TextName = 'queue' | 'priority' | 'delay' | 'startBefore' | 'timeout' | 'maxAttempts' | 'tags' | 'flowKey' | 'callbackUrl' | 'notifyEmail';

/** The options as they are typed. */
export type Typed = Record<TextName | 'uniqueKey' | 'idempotencyKey', string> & { keep: '' | 'newest' };

export const NO_OPTIONS: Typed = {
  queue: '',
  priority: '',
  delay: '',
  startBefore: '',
  timeout: '',
  maxAttempts: '',
  tags: '',
  flowKey: '',
  callbackUrl: '',
  notifyEmail: '',
  uniqueKey: '',
  keep: '',
  idempotencyKey: '',
};

interface TextField {
  name: TextName;
  label: string;
  hint: string;
  placeholder?: (kind: KindView) => string;
  list?: string;
  /** As the API takes it. */
  read?: (text: string) => unknown;
}

/** Where it goes, and when. */
const FIRST: readonly TextField[] = [
  { name: 'queue', label: 'Queue', hint: 'Left empty, the one of its kind', placeholder: ({ queue }) => queue, list: 'queues' },
  { name: 'priority', label: 'Priority', hint: 'Higher goes first', placeholder: ({ priority }) => String(priority), read: numberOr },
  { name: 'delay', label: 'Delay', hint: 'Such as 30s, 15m or PT1H', placeholder: () => 'at once' },
];

/** What few submissions need. */
const MORE: readonly TextField[] = [
  { name: 'tags', label: 'Tags', hint: 'With commas between: customer-17, nightly', read: namesIn },
  { name: 'callbackUrl', label: 'Webhook', hint: 'This URL gets its outcome', placeholder: () => 'https://app.example/hooks/done' },
  { name: 'notifyEmail', label: 'E-mail', hint: 'This address gets its outcome', placeholder: () => 'ada@example.org' },
  { name: 'startBefore', label: 'Start before', hint: 'A time, or 10m from now: else it ends as failed', placeholder: () => 'whenever it is its turn' },
  { name: 'timeout', label: 'Timeout', hint: 'Of one attempt, such as 90s', placeholder: () => 'of its kind' },
  { name: 'maxAttempts', label: 'Attempts', hint: 'At most', placeholder: ({ maxAttempts }) => String(maxAttempts), read: numberOr },
  { name: 'flowKey', label: 'Flow key', hint: 'Whose share of a fair queue it takes' },
];

/** Whether what is said of it stands beside a field. */
export function hasField(pointer: string): boolean {
  const [, options, name] = pointer.split('/');
  return options === 'options' && (name === 'unique' || [...FIRST, ...MORE].some((field) => field.name === name));
}

/** As the API takes them; undefined where all are left out. */
export function optionsOf(typed: Typed): SubmitOptions | undefined {
  const texts = [...FIRST, ...MORE].flatMap(({ name, read = (text) => text }) => {
    const text = typed[name].trim();
    return text === '' ? [] : [[name, read(text)] as const];
  });
  const options = {
    ...(Object.fromEntries(texts) as SubmitOptions),
    ...(typed.uniqueKey === '' ? {} : { unique: { key: typed.uniqueKey, ...(typed.keep === '' ? {} : { keep: typed.keep }) } }),
  };
  return Object.keys(options).length === 0 ? undefined : options;
}

interface Props {
  kind: KindView;
  typed: Typed;
  onChange: (typed: Typed) => void;
}

/** Where it goes, when, by which keys it is known, and who is told. */
export function OptionFields({ kind, typed, onChange }: Props): JSX.Element {
  const queues = useQueueNames();
  const [isOpen, setOpen] = useState(false);
  // What is refused must be seen.
  const isRefused = useContext(Faults).faults.some(({ pointer }) => MORE.some(({ name }) => pointer.startsWith(`/options/${name}`)));
  const set =
    (name: keyof Typed) =>
    (value: string): void =>
      onChange({ ...typed, [name]: value });
  const fieldOf = ({ name, placeholder, label, hint, list }: TextField): JSX.Element => (
    <Option
      key={name}
      label={label}
      pointer={`/options/${name}`}
      hint={hint}
      value={typed[name]}
      onChange={set(name)}
      {...(placeholder && { placeholder: placeholder(kind) })}
      {...(list !== undefined && { list })}
    />
  );
  return (
    <>
      <div className="payload-fields pad">
        {FIRST.map(fieldOf)}
        <datalist id="queues">
          {queues.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <Option
          label="Idempotency key"
          pointer=""
          hint="Sent twice it makes one job, for a day"
          value={typed.idempotencyKey}
          onChange={set('idempotencyKey')}
        />
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
      <details className="more-options" open={isOpen || isRefused} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>More: tags, who is told, timeouts</summary>
        <div className="payload-fields pad">{MORE.map(fieldOf)}</div>
      </details>
    </>
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
