import { Link } from '@tanstack/react-router';
import type { JSX, ReactNode } from 'react';
import { type AuditEntry, type JsonValue, writeExact } from '../../api/api';
import { Diff } from '../../parts/diff';
import { JsonTree } from '../../parts/json-tree';
import { CopyButton, Facts } from '../../parts/parts';
import { Time } from '../../parts/time';
import { countChanges, diffLines } from '../../words/diff';

/** One act: what was asked, what it was before, and what it became. */
export function EntryDetail({ entry }: { entry: AuditEntry }): JSX.Element {
  const { reason, request: asked, before, after } = entry.detail;
  const request = isObject(asked) && Object.keys(asked).length === 0 ? undefined : asked;
  const changes = changesOf(before, after);
  return (
    <div className="entry">
      <Facts
        facts={[
          ['Path', <PathLink key="p" target={entry.target} />],
          typeof reason === 'string' && ['Reason', reason],
          ['By', `${entry.subject} (${WAYS[entry.via] ?? entry.via})`],
          ['From', entry.ip],
          ['Answered', String(entry.outcome)],
          ['At', <Time key="a" at={entry.at} />],
        ]}
      />
      {changes && countChanges(changes) > 0 && (
        <Part title="What changed">
          <Diff lines={changes} label="What changed" />
        </Part>
      )}
      <div className="sides">
        {request !== undefined && <Side title="What was asked" name="request" value={request} />}
        {before !== undefined && <Side title="Before" name="before" value={before} />}
        {after !== undefined && <Side title={before === undefined ? 'What was answered' : 'After'} name="after" value={after} />}
      </div>
      {request === undefined && after === undefined && before === undefined && (
        <p className="dim">Nothing more is written down of it: it asked for nothing, and was answered with nothing.</p>
      )}
      <div>
        <CopyButton className="btn quiet tiny" text={writeExact(entry, 2)} label="Copy this act as JSON">
          Copy as JSON
        </CopyButton>
      </div>
    </div>
  );
}

const WAYS: Readonly<Record<string, string>> = { key: 'with its key', session: 'in the console', local: 'without a key', cli: 'on the command line' };

function Part({ title, children }: { title: string; children: ReactNode }): JSX.Element {
  return (
    <div className="part">
      <h3>{title}</h3>
      <div className="well">{children}</div>
    </div>
  );
}

function Side({ title, name, value }: { title: string; name: string; value: JsonValue }): JSX.Element {
  return (
    <Part title={title}>
      {typeof value === 'string' && value.startsWith('… ') ? (
        <p className="dim pad">Left out for its length: {value.slice(2)}.</p>
      ) : value === null ? (
        <p className="dim pad">There was none.</p>
      ) : (
        <JsonTree name={name} value={value} />
      )}
    </Part>
  );
}

/** Of what the act names both before and after: what else an answer has is no change. */
function changesOf(before: JsonValue | undefined, after: JsonValue | undefined): ReturnType<typeof diffLines> | undefined {
  if (!isObject(before) || !isObject(after)) return undefined;
  const names = Object.keys(before).filter((name) => Object.hasOwn(after, name));
  const picked = (from: Record<string, JsonValue>): string => writeExact(Object.fromEntries(names.map((name) => [name, from[name]])), 2);
  return diffLines(picked(before), picked(after));
}

function isObject(value: JsonValue | undefined): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function PathLink({ target }: { target: string }): JSX.Element {
  const job = /\/jobs\/([0-9a-f-]{36})/i.exec(target)?.[1];
  return job === undefined ? (
    <span className="mono">{target}</span>
  ) : (
    <Link to="/jobs/$id" params={{ id: job }} className="mono">
      {target}
    </Link>
  );
}
