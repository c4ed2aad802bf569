import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type JSX, type ReactNode, useState } from 'react';
import { ApiError, type DeadLetterDetail, PATH, readExact } from '../../api/api';
import { useMay } from '../../api/rights';
import { ErrorList } from '../../parts/error-list';
import { Icon } from '../../parts/icon';
import { JsonTree } from '../../parts/json-tree';
import { CopyButton, Empty, ErrorNote, Facts, Hidden, Loading } from '../../parts/parts';
import { type Tab, Tabs } from '../../parts/tabs';
import { Time } from '../../parts/time';
import { bytes, count, number, shortId } from '../../words/words';
import { Bytes } from './bytes-view';
import { bytesOf } from './bytes';
import { type Draft, draftOf, editsOf, LetterEdit } from './edit';
import { DiscardOne } from './letter-deeds';
import { letterQuery } from './queries';
import { reasonWords } from '../../words/reason-words';
import { RedriveOne } from './redrive-one';

interface Props {
  id: string;
  tab: string | undefined;
  onTab: (tab: string) => void;
  /** Which of how many it is, and the way to the next. */
  pager?: ReactNode;
  /** What is said of it above already. */
  said?: string | undefined;
  /** Before an act: the letter stays in sight when its cause goes. */
  keep: () => void;
}

/** One letter: why it was given up, what it was, and what can be done with it. */
export function LetterCard({ id, ...rest }: Props): JSX.Element {
  const { data: letter, error, refetch } = useQuery(letterQuery(id));
  return (
    <section className="card letter" aria-label="The letter">
      {error instanceof ApiError && error.status === 404 ? (
        <Empty icon="dead" title="There is no such letter.">
          <p>It may have been removed after its retention, or its id is not whole.</p>
        </Empty>
      ) : (
        error && <ErrorNote error={error} retry={() => void refetch()} />
      )}
      {!letter && !error && <Loading what="the letter" />}
      {letter && <Letter key={id} letter={letter} {...rest} />}
    </section>
  );
}

function Letter({ letter, tab, onTab, pager, said, keep }: { letter: DeadLetterDetail } & Omit<Props, 'id'>): JSX.Element {
  const may = useMay();
  const [before] = useState(() => draftOf(letter));
  const [draft, setDraft] = useState<Draft>(before);
  const [deed, setDeed] = useState<'redrive' | 'discard' | null>(null);
  const maySee = may('jobs:payload');
  const mayAct = may('dead-letters:redrive');
  const edits = editsOf(before, draft);
  const isEdited = edits === null || Object.keys(edits).length > 0;
  const isBack = letter.redrivenAt !== null;
  const begin = (what: 'redrive' | 'discard'): void => {
    keep();
    setDeed(what);
  };
  const tabs = tabsOf(letter, maySee, maySee && mayAct && !isBack ? <LetterEdit letter={letter} before={before} draft={draft} onChange={setDraft} /> : null);
  return (
    <>
      <div className="pad letter-facts">
        <Outcome letter={letter} />
        <LetterFacts letter={letter} said={said} />
      </div>
      <Tabs tabs={tabs} chosen={tab} onChoose={onTab} end={pager} />
      {mayAct && !isBack && (
        <div className="pad row acts-row acts-end">
          <button type="button" className="btn primary" disabled={edits === null} onClick={() => begin('redrive')}>
            <Icon name="redrive" />
            {isEdited ? 'Redrive it as edited…' : 'Redrive this one…'}
          </button>
          {letter.discardedAt === null && (
            <button type="button" className="btn" onClick={() => begin('discard')}>
              Put it away…
            </button>
          )}
          {isEdited && (
            <button type="button" className="btn quiet" onClick={() => setDraft(before)}>
              Undo the edits
            </button>
          )}
        </div>
      )}
      {deed === 'redrive' && edits && <RedriveOne letter={letter} edits={edits} before={before} draft={draft} onClose={() => setDeed(null)} />}
      {deed === 'discard' && <DiscardOne id={letter.id} onClose={() => setDeed(null)} />}
    </>
  );
}

/** What has become of it since. */
function Outcome({ letter: { redrivenAt, redrivenJobId, jobId, discardedAt, discard } }: { letter: DeadLetterDetail }): JSX.Element | null {
  const job = redrivenJobId ?? jobId;
  if (redrivenAt !== null)
    return (
      <p className="note ok" role="status">
        <Icon name="redrive" />
        <span>
          Put back <Time at={redrivenAt} relative />
          {job !== null && (
            <>
              {', as job '}
              <Link to="/jobs/$id" params={{ id: job }} className="mono">
                {shortId(job)}
              </Link>
            </>
          )}
          .
        </span>
      </p>
    );
  if (discardedAt === null) return null;
  return (
    <p className="note" role="status">
      <Icon name="cancelled" />
      <span>
        Put away <Time at={discardedAt} relative />
        {discard?.by !== undefined && ` by ${discard.by}`}
        {discard?.reason !== undefined && `: ${discard.reason}`}
      </span>
    </p>
  );
}

function LetterFacts({ letter, said }: { letter: DeadLetterDetail; said: string | undefined }): JSX.Element {
  const { reason, jobId, kind, queue, producer, messageId, occurrences, createdAt, lastSeenAt } = letter;
  return (
    <>
      {letter.detail !== said && <p className="detail">{letter.detail}</p>}
      <Facts
        facts={[
          ['Reason', reasonWords(reason)],
          kind !== null && ['Kind', kind],
          queue !== null && ['Queue', queue],
          producer !== null && ['From', producer],
          ['Given up', <Time key="c" at={createdAt} />],
          occurrences > 1 && [`Came ${number(occurrences)} times, last`, <Time key="l" at={lastSeenAt} relative />],
          jobId !== null && [
            'Job',
            <Link key="j" to="/jobs/$id" params={{ id: jobId }} className="mono">
              {shortId(jobId)}
            </Link>,
          ],
          messageId !== null && ['Message id', <span key="m" className="mono" children={messageId} />],
        ]}
      />
    </>
  );
}

function tabsOf(letter: DeadLetterDetail, maySee: boolean, edit: ReactNode): Tab[] {
  const { body, errors, payload, headers, properties } = letter;
  const hidden = (name: string): ReactNode => <Hidden what={`the ${name} of dead letters`} />;
  const edited: Tab[] = edit === null ? [] : [{ key: 'edit', name: 'Edit', content: edit }];
  if (letter.source === 'job')
    return [
      ...(errors && errors.length > 0 ? [{ key: 'errors', name: `Errors (${String(errors.length)})`, content: <ErrorList errors={errors} /> }] : []),
      ...edited,
      {
        key: 'payload',
        name: 'Payload',
        content: !maySee ? (
          hidden('payload')
        ) : payload === undefined ? (
          <p className="dim pad">Its job is gone.</p>
        ) : (
          <JsonTree name="payload" value={payload} />
        ),
      },
    ];
  if (!maySee) return [{ key: 'text', name: 'Message', content: hidden('bytes and headers') }];
  const others = { ...headers, ...properties };
  return [
    ...edited,
    ...(body === null
      ? []
      : [
          { key: 'text', name: 'Text', content: <Text body={body} /> },
          { key: 'json', name: 'JSON', content: <Json body={body} /> },
          { key: 'hex', name: 'Hex', content: <Original letter={letter} body={body} /> },
        ]),
    {
      key: 'headers',
      name: `Headers (${String(Object.keys(others).length)})`,
      content: (
        <div className="headers">
          <Fields title="Headers" fields={headers} />
          <Fields title="Properties" fields={{ ...(letter.contentType === null ? {} : { content_type: letter.contentType }), ...properties }} />
        </div>
      ),
    },
  ];
}

type Body = NonNullable<DeadLetterDetail['body']>;

function Text({ body }: { body: Body }): JSX.Element {
  if (!('text' in body)) return <p className="dim pad">These bytes are no UTF-8: see them as hex.</p>;
  if (body.text === '') return <p className="dim pad">The message has no bytes.</p>;
  return (
    <pre className="code flat" tabIndex={0}>
      {body.text}
    </pre>
  );
}

function Json({ body }: { body: Body }): JSX.Element {
  try {
    return <JsonTree name="message" value={readExact('text' in body ? body.text : '')} />;
  } catch (error) {
    return <p className="dim pad">It is no JSON: {error instanceof Error ? error.message : String(error)}</p>;
  }
}

function Original({ letter, body }: { letter: DeadLetterDetail; body: Body }): JSX.Element {
  const original = bytesOf(body);
  return (
    <>
      <div className="row wrap pad original">
        <span className="small mid">
          {original.length < 1_000 ? count(original.length, 'byte') : `${bytes(original.length)} (${count(original.length, 'byte')})`}
          {'text' in body ? ', UTF-8' : ', no UTF-8'}
          {letter.contentType !== null && `, ${letter.contentType}`}
        </span>
        <span className="grow" />
        <a className="btn quiet tiny" href={`${PATH}/dead-letters/${letter.id}/body`} download>
          <Icon name="download" />
          Download
        </a>
      </div>
      <Bytes bytes={original} />
    </>
  );
}

function Fields({ title, fields }: { title: string; fields: DeadLetterDetail['headers'] }): JSX.Element | null {
  const entries = Object.entries(fields);
  if (entries.length === 0) return <p className="dim pad">No {title.toLowerCase()}.</p>;
  return (
    <table aria-label={title}>
      <tbody>
        {entries.map(([name, value]) => {
          const text = typeof value === 'string' ? value : JSON.stringify(value);
          return (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="mono">{text}</td>
              <td className="num">
                <CopyButton className="btn quiet tiny" text={text} label={`Copy ${name}`} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
