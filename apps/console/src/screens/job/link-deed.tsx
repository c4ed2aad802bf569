import { Modal, TextInput } from '@mantine/core';
import { type JSX, useState } from 'react';
import { api, type JobDetail, type StatusLink } from '../../api/api';
import { useMay } from '../../api/rights';
import { Check } from '../../parts/check';
import { Deed } from '../../parts/deed';
import { useFaults } from '../../parts/faults';
import { CopyButton } from '../../parts/parts';
import { Select } from '../../parts/select';
import { Time } from '../../parts/time';
import { quoted } from '../../words/quoted';
import { listed, ZONE } from '../../words/words';

const HOUR_MS = 3_600_000;
const ENDS = [
  ['24', 'in a day'],
  ['168', 'in a week'],
  ['720', 'in 30 days'],
  ['2160', 'in 90 days'],
] as const;
type Part = StatusLink['shows'][number];

/** A link for somebody who waits for the job and has no key. It is shown once: it is stored nowhere. */
export function MakeLink({ job, onClose }: { job: JobDetail; onClose: () => void }): JSX.Element {
  const may = useMay();
  const faults = useFaults();
  const [now] = useState(() => Date.now());
  const [title, setTitle] = useState('');
  const [hours, setHours] = useState<(typeof ENDS)[number][0]>('168');
  const [shows, setShows] = useState<readonly Part[]>([]);
  const [made, setMade] = useState<StatusLink | null>(null);
  const expiresAt = new Date(now + Number(hours) * HOUR_MS - 60_000).toISOString();
  const parts: readonly (readonly [Part, string])[] = [
    ...(may('jobs:payload') ? [['result', 'its result, as JSON'] as const] : []),
    ...(may('files:read') ? [['files', 'the files that its result names, such as a report'] as const] : []),
  ];
  const asked = { ...(title.trim() !== '' && { title: title.trim() }), shows: [...shows], expiresAt, timezone: ZONE };
  const flags = [...(title.trim() === '' ? [] : [`--title ${quoted(title.trim())}`]), ...shows.map((part) => `--shows ${part}`), `--until ${expiresAt}`, `--timezone ${ZONE}`]; // prettier-ignore
  if (made) return <Made link={made} onClose={onClose} />;
  return (
    <Deed
      does="createStatusLink"
      title="Make a link for the one who waits"
      button="Make the link"
      command={`longhaul link ${job.id} ${flags.join(' ')}`}
      act={() => faults.while(async () => setMade(await api('POST /jobs/{id}/links', { path: { id: job.id }, body: asked })))}
      stays
      onClose={onClose}
    >
      <p>
        It opens a page that says in words how this job stands, with its progress and its times. The page needs no key, and shows no id, no kind, no payload and
        no error.
      </p>
      <TextInput
        label="What its reader calls the job"
        description="the heading of the page; “Your request” where it is left empty"
        placeholder="Your report for January"
        data-autofocus
        maxLength={100}
        error={faults.of('/title')}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <Select label="It ends" description="it cannot be taken back before" value={hours} values={ENDS} error={faults.of('/expiresAt')} onChange={setHours} />
      {parts.length > 0 && (
        <fieldset className="plain-fields">
          <legend>When the job is done, its reader may download</legend>
          {parts.map(([part, words]) => (
            <Check
              key={part}
              label={words}
              checked={shows.includes(part)}
              onChange={(isShown) => setShows(isShown ? [...shows, part] : shows.filter((one) => one !== part))}
            />
          ))}
        </fieldset>
      )}
    </Deed>
  );
}

function Made({ link: { statusUrl, shows, expiresAt }, onClose }: { link: StatusLink; onClose: () => void }): JSX.Element {
  // Without PUBLIC_URL it is a path: others reach the gateway as this page does.
  const url = new URL(statusUrl, location.origin).href;
  return (
    <Modal opened onClose={onClose} title="The link is made" size={560} classNames={{ title: 'deed-title' }}>
      <div className="deed">
        <p>
          Whoever has it sees the page until <Time at={expiresAt} />
          {shows.length === 0
            ? ', and can download nothing.'
            : `, and can download ${listed(shows.map((part) => (part === 'result' ? 'the result' : 'the files')))}.`}{' '}
          It is stored nowhere: copy it now.
        </p>
        <div className="cmd">
          <code>{url}</code>
        </div>
        <footer>
          <a className="btn" href={url} target="_blank" rel="noreferrer">
            Look at the page
          </a>
          <CopyButton className="btn primary" text={url} label="Copy the link">
            Copy the link
          </CopyButton>
        </footer>
      </div>
    </Modal>
  );
}
