import { type JSX, type ReactNode, useState } from 'react';
import { type DeliveryView, type JobDetail, type StepView, writeExact } from '../../api/api';
import { useMay } from '../../api/rights';
import { Icon } from '../../parts/icon';
import { ErrorList } from '../../parts/error-list';
import { JsonTree } from '../../parts/json-tree';
import { CopyButton, Hidden } from '../../parts/parts';
import { type Tab, Tabs } from '../../parts/tabs';
import { Time } from '../../parts/time';
import { count } from '../../words/words';

interface Props {
  job: JobDetail;
  steps: readonly StepView[];
  deliveries: readonly DeliveryView[];
}

/** What came of it and what it was given: result, payload, errors, steps, those who were told. */
export function JobParts({ job, steps, deliveries }: Props): JSX.Element {
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <>
      <section className="card" aria-label="Result and payload">
        <Tabs tabs={tabsOf({ job, steps, deliveries }, useMay()('jobs:payload'))} chosen={chosen} onChoose={setChosen} />
      </section>
    </>
  );
}

function tabsOf({ job, steps, deliveries }: Props, maySee: boolean): Tab[] {
  const tab = (name: string, json: unknown, content: ReactNode, many?: number): Tab => ({
    key: name,
    name: many === undefined ? name : `${name} (${String(many)})`,
    content: (
      <>
        {content}
        <div className="part-end">
          <CopyButton className="btn quiet tiny" text={writeExact(json, 2)} label={`Copy ${name} as JSON`}>
            Copy as JSON
          </CopyButton>
        </div>
      </>
    ),
  });
  const tree = (name: string, value: unknown): Tab =>
    maySee
      ? tab(name, value, <JsonTree name={name.toLowerCase()} value={value} />)
      : { key: name, name, content: <Hidden what={`the ${name.toLowerCase()}`} /> };
  return [
    ...(job.state === 'succeeded' ? [tree('Result', job.result)] : []),
    ...(job.errors.length > 0 ? [tab('Errors', job.errors, <ErrorList errors={job.errors} />, job.errors.length)] : []),
    tree('Payload', job.payload),
    ...(steps.length > 0 ? [tab('Steps', steps, <Steps steps={steps} />, steps.length)] : []),
    ...(deliveries.length > 0 ? [tab('Told', deliveries, <Deliveries deliveries={deliveries} />, deliveries.length)] : []),
  ];
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
