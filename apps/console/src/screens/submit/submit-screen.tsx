import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type JSX, useEffect, useRef, useState } from 'react';
import type { JsonValue, KindView } from '../../api/api';
import { jobQuery, kindsQuery, sessionQuery } from '../../api/queries';
import { useMay } from '../../api/rights';
import { tryOut } from '../../api/try-out';
import { Icon } from '../../parts/icon';
import { JsonText } from '../../parts/json-text';
import { Card, Command, Empty, ErrorNote, Loading } from '../../parts/parts';
import { Screen } from '../../parts/screen';
import { importedBy } from '../../words/imported';
import { count, pointerWords, shortId } from '../../words/words';
import { curlOf } from './curl';
import { Faults } from './faults';
import { ObjectFields } from './fields';
import { Forecast } from './forecast';
import { hasField, NO_OPTIONS, OptionFields, optionsOf } from './options';
import { Columns, reportOf } from './from-import';
import { initialOf, isSchema, type Members, type Value } from './schema';
import { type Sent, useSubmission } from './use-submission';
import './submit.css';

const submitRoute = getRouteApi('/submit');

export function SubmitScreen(): JSX.Element {
  const { kind: name, from } = submitRoute.useSearch();
  const navigate = useNavigate();
  const session = useQuery(sessionQuery).data;
  const may = useMay();
  const { data, error, refetch } = useQuery(kindsQuery);
  const kinds = data?.items ?? [];
  const kind = name === undefined ? kinds[0] : kinds.find((one) => one.kind === name);
  return (
    <Screen title="Submit a job" crumb="Submit">
      <h1>Submit a job</h1>
      {error && <ErrorNote error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what="the kinds" />}
      {session && !may('jobs:submit') ? (
        <section className="card">
          <Empty icon="plus" title="Your key does not submit jobs.">
            <p>
              It has not the scope <code>jobs:submit</code>. Whoever runs this gateway can make you one that has.
            </p>
          </Empty>
        </section>
      ) : (
        data && (
          <>
            <div className="row wrap kind-row">
              <label htmlFor="kind" className="b">
                Kind
              </label>
              <select
                id="kind"
                className="in"
                value={kind?.kind ?? ''}
                onChange={(event) => void navigate({ to: '/submit', search: { kind: event.currentTarget.value } })}
              >
                {!kind && <option value="">choose one</option>}
                {kinds.map((one) => (
                  <option key={one.kind} value={one.kind}>
                    {one.kind}
                  </option>
                ))}
              </select>
              <span className="mid grow">{kind?.description}</span>
            </div>
            {kind ? (
              <SubmissionFrom key={`${kind.kind} ${from ?? ''}`} from={from} kind={kind} hasAuth={session?.auth ?? false} />
            ) : (
              <section className="card">
                <Empty icon="plus" title={name === undefined ? 'No kind can be submitted.' : `There is no kind ${name}.`}>
                  <p>
                    {name === undefined
                      ? 'A kind is a handler that the gateway knows: add one to the project, and start it again.'
                      : 'Choose one from the list.'}
                  </p>
                </Empty>
              </section>
            )}
          </>
        )
      )}
    </Screen>
  );
}

interface SubmissionProps {
  kind: KindView;
  hasAuth: boolean;
}

/** Begins with what an import has made, where the address names one. */
function SubmissionFrom({ from, ...props }: SubmissionProps & { from: string | undefined }): JSX.Element {
  const { data, error } = useQuery({ ...jobQuery(from ?? ''), enabled: from !== undefined });
  if (error) return <ErrorNote error={error} />;
  if (from !== undefined && !data) return <Loading what="the import" />;
  const imported = data && importedBy(data);
  return (
    <Columns value={imported?.columns.map(({ name }) => name) ?? []}>
      {imported && (
        <p className="note">
          The form begins with a report on table {imported.table}, which has {count(imported.rows, 'row')}. Fields for columns offer those of the table.
        </p>
      )}
      <Submission {...props} begins={imported ? reportOf(imported) : undefined} />
    </Columns>
  );
}

function Submission({ kind, hasAuth, begins }: SubmissionProps & { begins: Members | undefined }): JSX.Element {
  const [payload, setPayload] = useState<Value>(() => ({ ...initialOf(kind.schema), ...begins }) as Value);
  const [options, setOptions] = useState(NO_OPTIONS);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [isAttempted, setAttempted] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const given = optionsOf(options);
  const body = { kind: kind.kind, payload: (payload ?? null) as JsonValue, ...(given ? { options: given } : {}) };
  const headers: Record<string, string> = options.idempotencyKey === '' ? {} : { 'idempotency-key': options.idempotencyKey };
  const { faults, isFresh, tried, error, submit, done, isBusy } = useSubmission(body, headers);
  // What was said of the text before says nothing of a field that is being written for the first time.
  const [shownOf, setShownOf] = useState(touched);
  if (isFresh && shownOf !== touched) setShownOf(touched);
  // What an empty payload is not blamed for has a default.
  const { data: empty } = useQuery({
    queryKey: ['try-out-empty', kind.kind],
    queryFn: ({ signal }) => tryOut({ kind: kind.kind, payload: {} }, {}, signal),
    staleTime: Infinity,
  });
  const hasDefault = (pointer: string): boolean =>
    empty !== undefined && /^\/payload\/[^/]+$/.test(pointer) && !empty.faults.some((fault) => fault.pointer === pointer);
  const general = faults.filter(({ pointer }) => !pointer.startsWith('/payload') && !hasField(pointer));
  const touch = (pointer: string): void => setTouched((before) => (before.has(pointer) ? before : new Set([...before, pointer])));
  const go = async (): Promise<void> => {
    setAttempted(true);
    if (await submit()) return;
    // What is wrong is marked by now: there it is to be mended.
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus());
  };
  return (
    <Faults value={{ faults, isShown: (pointer) => isAttempted || shownOf.has(pointer), touch, hasDefault }}>
      {done && <Done job={done.job} isReplayed={done.isReplayed} />}
      <div className="cols submit">
        <form
          ref={form}
          className="card"
          aria-label={`Payload and options of ${kind.kind}`}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void go();
          }}
        >
          <header className="ruled">
            <h2>Payload</h2>
          </header>
          <div className="pad">
            {isSchema(payload) ? (
              <ObjectFields schema={kind.schema} pointer="/payload" value={payload} onChange={setPayload} />
            ) : (
              <p className="mid">The payload is no object now. Its JSON can be changed at the side.</p>
            )}
          </div>
          <header className="ruled over">
            <h2>Options</h2>
          </header>
          <OptionFields kind={kind} typed={options} onChange={setOptions} />
          <footer className="pad row wrap acts-end">
            <button type="submit" className="btn primary" disabled={isBusy}>
              Submit {kind.kind}
            </button>
            <span className="small grow" role="status">
              {faults.length > 0 ? (
                <span className={isAttempted ? 'bad' : 'mid'}>
                  {count(faults.length, 'thing')} {faults.length === 1 ? 'does' : 'do'} not fit yet.
                </span>
              ) : (
                tried && <span className="ok">It fits the schema.</span>
              )}
            </span>
            {general.length > 0 && (
              <ul className="general bad small">
                {general.map(({ pointer, detail }) => (
                  <li key={pointer + detail} className="row top">
                    <Icon name="failed" />
                    <span>
                      {pointer !== '' && <b title={pointer}>{pointerWords(pointer)}</b>} {detail}
                    </span>
                  </li>
                ))}
              </ul>
            )}
            {error !== null && <ErrorNote error={error} />}
          </footer>
        </form>
        <div>
          <Card title="The payload as JSON" note="both change together" ruled>
            <div className="pad field">
              <JsonText
                value={payload}
                label="The payload as JSON"
                onChange={(value) => {
                  setAttempted(true);
                  setPayload(value as Value);
                }}
              />
            </div>
          </Card>
          {tried && (
            <Card title="What it would do" note="a dry run, which changes nothing" ruled>
              <div className="pad forecast" role="status">
                <Forecast run={tried} />
              </div>
            </Card>
          )}
          <Card title="The same with curl" ruled>
            <div className="pad">
              <Command text={curlOf(body, headers, hasAuth)} />
            </div>
          </Card>
        </div>
      </div>
    </Faults>
  );
}

/** The way to the job's page. */
function Done({ job, isReplayed }: Sent): JSX.Element {
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => link.current?.focus(), [job.id]);
  return (
    <div className="note ok" role="status">
      <Icon name="check" />
      <div className="grow">
        {isReplayed ? 'Its key had made a job already: nothing new was made.' : 'Accepted and stored.'}{' '}
        <Link ref={link} to="/jobs/$id" params={{ id: job.id }}>
          Go to job <span className="mono">{shortId(job.id)}</span>
        </Link>
      </div>
    </div>
  );
}
