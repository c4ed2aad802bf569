import { type JSX, type KeyboardEvent, type ReactNode, useState } from 'react';
import { type DeliveryView, type JobDetail, PATH, type StepView, writeExact } from '../../api/api';
import { useMay } from '../../api/rights';
import { Icon } from '../../parts/icon';
import { JsonTree } from '../../parts/json-tree';
import { Card, CopyButton, Hidden } from '../../parts/parts';
import { Time } from '../../parts/time';
import { bytes, count } from '../../words/words';

interface Props {
  job: JobDetail;
  steps: readonly StepView[];
  deliveries: readonly DeliveryView[];
}

interface Tab {
  name: string;
  /** What is copied as JSON. */
  json: unknown;
  content: ReactNode;
}

/** What came of it and what it was given: result, payload, errors, steps, those who were told. */
export function JobParts({ job, steps, deliveries }: Props): JSX.Element {
  const tabs = tabsOf({ job, steps, deliveries }, useMay()('jobs:payload'));
  const [chosen, setChosen] = useState<string | null>(null);
  const tab = tabs.find(({ name }) => name.split(' ')[0] === chosen) ?? tabs[0];
  const files = filesIn(job.result);
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0 || !tab) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    setChosen(next?.name.split(' ')[0] ?? null);
    const buttons = event.currentTarget.querySelectorAll<HTMLElement>('[role=tab]');
    buttons[next ? tabs.indexOf(next) : 0]?.focus();
  };
  return (
    <>
      <section className="card" aria-label="Result and payload">
        <div className="tabs" role="tablist" onKeyDown={onKey}>
          {tabs.map(({ name }) => (
            <button
              key={name}
              type="button"
              role="tab"
              id={`tab-${name}`}
              aria-controls="job-part"
              aria-selected={name === tab?.name}
              tabIndex={name === tab?.name ? 0 : -1}
              onClick={() => setChosen(name.split(' ')[0] ?? null)}
            >
              {name}
            </button>
          ))}
        </div>
        {tab && (
          <div role="tabpanel" id="job-part" aria-labelledby={`tab-${tab.name}`}>
            {tab.content}
            <div className="part-end">
              <CopyButton className="btn quiet tiny" text={writeExact(tab.json, 2)} label={`Copy ${tab.name} as JSON`}>
                Copy as JSON
              </CopyButton>
            </div>
          </div>
        )}
      </section>
      {files.length > 0 && <Files files={files} />}
    </>
  );
}

function tabsOf({ job, steps, deliveries }: Props, maySee: boolean): Tab[] {
  const tree = (name: string, value: unknown): Tab => ({
    name,
    json: value,
    content: maySee ? <JsonTree name={name.toLowerCase()} value={value} /> : <Hidden what={`the ${name.toLowerCase()}`} />,
  });
  return [
    ...(job.state === 'succeeded' ? [tree('Result', job.result)] : []),
    ...(job.errors.length > 0 ? [{ name: `Errors (${String(job.errors.length)})`, json: job.errors, content: <Errors job={job} /> }] : []),
    tree('Payload', job.payload),
    ...(steps.length > 0 ? [{ name: `Steps (${String(steps.length)})`, json: steps, content: <Steps steps={steps} /> }] : []),
    ...(deliveries.length > 0 ? [{ name: `Told (${String(deliveries.length)})`, json: deliveries, content: <Deliveries deliveries={deliveries} /> }] : []),
  ];
}

function Errors({ job }: { job: JobDetail }): JSX.Element {
  return (
    <ol className="errors">
      {job.errors.toReversed().map((error) => (
        <li key={`${String(error.attempt)} ${error.at}`}>
          <p>
            <b className="bad">{error.message}</b>
          </p>
          <p className="small dim">
            attempt {error.attempt} · {error.code} · <Time at={error.at} />
          </p>
          {error.stack && (
            <details>
              <summary className="small">{error.name}, with its stack</summary>
              <pre className="code" tabIndex={0}>
                {error.stack}
              </pre>
            </details>
          )}
        </li>
      ))}
    </ol>
  );
}

function Steps({ steps }: { steps: readonly StepView[] }): JSX.Element {
  return (
    <>
      {steps.map(({ name, result, endedAt }) => (
        <div key={name} className="step">
          <div className="row pad">
            <Icon name="check" className="i ok" />
            <b className="cut">{name}</b>
            <span className="grow" />
            <span className="small dim">
              <Time at={endedAt} />
            </span>
          </div>
          {result !== null && <JsonTree name="gave back" value={result} />}
        </div>
      ))}
    </>
  );
}

function Deliveries({ deliveries }: { deliveries: readonly DeliveryView[] }): JSX.Element {
  return (
    <ul>
      {deliveries.map(({ id, url, state, attempts, createdAt }) => (
        <li key={id} className="told">
          <Icon name="webhooks" className={state === 'succeeded' ? 'i ok' : state === 'failed' ? 'i bad' : 'i wait'} />
          <div className="grow">
            <p className="cut" title={url}>
              {url}
            </p>
            <p className="small dim">
              {state}, {count(attempts.length, 'attempt')}, <Time at={createdAt} />
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}

interface FoundFile {
  name: string;
  url: string;
  size: number | undefined;
}

const MOST_FILES = 50;

/** The stored files that a result names. Nothing else in a result becomes a link. */
function filesIn(result: unknown): FoundFile[] {
  const found: FoundFile[] = [];
  const look = (value: unknown, name: string): void => {
    if (typeof value !== 'object' || value === null || found.length >= MOST_FILES) return;
    const { url, name: given, size } = value as { url?: unknown; name?: unknown; size?: unknown };
    if (typeof url === 'string' && url.startsWith(`${PATH}/files/`) && /^[\w/.-]+$/.test(url))
      found.push({ url, name: typeof given === 'string' ? given : name, size: typeof size === 'number' ? size : undefined });
    else for (const [key, one] of Object.entries(value)) look(one, key);
  };
  look(result, 'file');
  return found;
}

function Files({ files }: { files: readonly FoundFile[] }): JSX.Element {
  return (
    <Card title="Files" note={count(files.length, 'file')} ruled>
      <ul>
        {files.map(({ url, name, size }) => (
          <li key={url} className="file">
            <Icon name="file" className="i dim" />
            <b className="cut grow">{name}</b>
            {size !== undefined && <span className="small mid nowrap">{bytes(size)}</span>}
            <a className="btn tiny" href={`${url}?disposition=inline`} target="_blank" rel="noreferrer">
              Open
            </a>
            <a className="btn tiny square" href={url} download aria-label={`Download ${name}`}>
              <Icon name="download" />
            </a>
          </li>
        ))}
      </ul>
    </Card>
  );
}
