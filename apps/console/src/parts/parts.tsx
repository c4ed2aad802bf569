import { type JSX, type ReactNode, useEffect, useState } from 'react';
import { ApiError } from '../api/api';
import { pointerWords } from '../words/words';
import { Icon, type IconName } from './icon';

/** A card with a title. `note` says in small words what is shown; `end` stands at the right. */
export function Card({
  title,
  note,
  end,
  ruled = false,
  children,
  label,
}: {
  title?: ReactNode;
  note?: ReactNode;
  end?: ReactNode;
  ruled?: boolean;
  children: ReactNode;
  label?: string;
}): JSX.Element {
  return (
    <section className="card" aria-label={label ?? (typeof title === 'string' ? title : undefined)}>
      {title !== undefined && (
        <header className={ruled ? 'ruled' : undefined}>
          <h2>{title}</h2>
          {note !== undefined && <span className="note-text">{note}</span>}
          {end !== undefined && (
            <>
              <span className="grow" />
              {end}
            </>
          )}
        </header>
      )}
      {children}
    </section>
  );
}

/** Names and values in a row that wraps. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ReactNode] | false | undefined)[] }): JSX.Element {
  return (
    <dl className="facts">
      {facts.map(
        (fact) =>
          fact && (
            <div key={fact[0]}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** The part of a whole that is done, from 0 to 1. */
export function Meter({ share, tone = '' }: { share: number; tone?: '' | 'ok' | 'wait' | 'bad' }): JSX.Element {
  const percent = Math.round(Math.max(0, Math.min(1, share)) * 100);
  return (
    <span className={`meter ${tone}`} role="img" aria-label={`${String(percent)} %`}>
      <i style={{ width: `${String(percent)}%` }} />
    </span>
  );
}

/** The first line of a screen: what is the case, and what to do. */
export function Verdict({ ok, title, children, acts }: { ok: boolean; title: string; children?: ReactNode; acts?: ReactNode }): JSX.Element {
  return (
    <div className="verdict" role="status">
      <Icon name={ok ? 'succeeded' : 'warn'} className={ok ? 'i ok' : 'i wait'} />
      <div>
        <h1>{title}</h1>
        {children !== undefined && <p>{children}</p>}
      </div>
      {acts !== undefined && <div className="acts">{acts}</div>}
    </div>
  );
}

/** What would be here, and how to get it. */
export function Empty({ icon = 'jobs', title, children }: { icon?: IconName; title: string; children?: ReactNode }): JSX.Element {
  return (
    <div className="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** What happened, what is safe, what to do. */
export function ErrorNote({ error, retry }: { error: unknown; retry?: () => void }): JSX.Element {
  const { status, problem } = error instanceof ApiError ? error : { status: undefined, problem: undefined };
  const text = error instanceof Error ? error.message : String(error);
  return (
    <div className="note bad" role="alert">
      <Icon name="warn" />
      <div className="grow">
        <b>
          {status === 0 ? 'The gateway does not answer.' : problem ? `${problem.title}:` : error instanceof ApiError ? 'This could not be shown.' : 'Not done.'}
        </b>{' '}
        {status === 0 ? 'What you see is as it last was; nothing is lost. It is tried again.' : text}
        {problem?.errors && (
          <ul>
            {problem.errors.map(({ pointer, detail }) => (
              <li key={pointer + detail}>
                <b title={pointer}>{pointerWords(pointer)}</b> {detail}
              </li>
            ))}
          </ul>
        )}
      </div>
      {retry && (
        <button type="button" className="btn tiny" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** In place of what this session may not see. */
export function Hidden({ what }: { what: string }): JSX.Element {
  return (
    <p className="dim pad">
      Your key does not show {what}: it has not the scope <code>jobs:payload</code>.
    </p>
  );
}

/** Nothing for 100 ms: what is in the cache or near needs no word. Then one. */
export function Loading({ what }: { what: string }): JSX.Element | null {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 100);
    return () => clearTimeout(timer);
  }, []);
  return late ? (
    <p className="dim pad" role="status">
      Asking for {what}…
    </p>
  ) : null;
}

export function CopyButton({
  text,
  label = 'Copy',
  children,
  className = 'btn tiny',
}: {
  text: string;
  label?: string;
  children?: ReactNode;
  className?: string;
}): JSX.Element {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1_500);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <button
      type="button"
      className={children === undefined ? `${className} square` : className}
      // A word that is seen is the name; without one the label is.
      aria-label={children === undefined ? label : undefined}
      title={label}
      onClick={() => void copyText(text).then(() => setCopied(true))}
    >
      <Icon name={copied ? 'check' : 'copy'} />
      {children}
      <span className="unseen" role="status">
        {copied ? 'copied' : ''}
      </span>
    </button>
  );
}

/** Over plain HTTP from another machine a page has no clipboard of its own: an invisible field does it. */
async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand('copy'); // eslint-disable-line @typescript-eslint/no-deprecated -- There is no other way without a secure context.
    field.remove();
  }
}

/** A command in full, to copy. */
export function Command({ text }: { text: string }): JSX.Element {
  return (
    <div className="cmd">
      <code>{text}</code>
      <CopyButton text={text} label="Copy the command" />
    </div>
  );
}

/** A choice of a few, of which one holds. */
export function Choice<Value extends string>({
  label,
  value,
  values,
  onChange,
  small = false,
}: {
  label: string;
  value: Value;
  values: readonly (readonly [Value, string])[];
  onChange: (value: Value) => void;
  small?: boolean;
}): JSX.Element {
  return (
    <div className={small ? 'seg s' : 'seg'} role="group" aria-label={label}>
      {values.map(([one, word]) => (
        <button key={one} type="button" aria-pressed={one === value} onClick={() => onChange(one)}>
          {word}
        </button>
      ))}
    </div>
  );
}
