import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type JSX, useState } from 'react';
import { api, type EndpointView, type EndpointWithSecret } from '../../api/api';
import { kindsQuery, queryClient } from '../../api/queries';
import { useIsWhole } from '../../api/rights';
import { Check } from '../../parts/check';
import { Deed } from '../../parts/deed';
import { useFaults } from '../../parts/faults';
import { namesIn } from '../../words/typed';
import { curlOf, filterWords } from './words';

const EVENTS = [
  ['job.succeeded', 'A job has succeeded'],
  ['job.failed', 'A job has failed'],
  ['job.cancelled', 'A job was cancelled'],
  ['alert.opened', 'Something is not well'],
  ['alert.ended', 'It is well again'],
] as const;

/** Makes a receiver, or changes whom it hears of. `onMade` gets its secret, which is shown once. */
export function EndpointForm({
  endpoint,
  onMade,
  onClose,
}: {
  endpoint?: EndpointView;
  onMade?: (made: EndpointWithSecret) => void;
  onClose: () => void;
}): JSX.Element {
  const [url, setUrl] = useState(endpoint?.url ?? '');
  const [description, setDescription] = useState(endpoint?.description ?? '');
  const [events, setEvents] = useState(endpoint?.events ?? []);
  const [kinds, setKinds] = useState(() => (endpoint?.kinds ?? []).join(', '));
  const [tags, setTags] = useState(() => (endpoint?.tags ?? []).join(', '));
  const known = useQuery(kindsQuery).data?.items.map(({ kind }) => kind) ?? [];
  const isWhole = useIsWhole();
  const offered = EVENTS.filter(([event]) => isWhole || !event.startsWith('alert.'));
  const faults = useFaults();
  const body = { url: url.trim(), description: description.trim(), events, kinds: namesIn(kinds), tags: namesIn(tags) };
  return (
    <Deed
      does={endpoint ? 'updateWebhookEndpoint' : 'createWebhookEndpoint'}
      title={endpoint ? 'Change the endpoint' : 'Tell an endpoint'}
      button={endpoint ? 'Change it' : 'Make it'}
      command={endpoint ? curlOf('PATCH', `/webhooks/endpoints/${endpoint.id}`, body) : curlOf('POST', '/webhooks/endpoints', body)}
      act={() =>
        faults.while(async () => {
          if (endpoint) await api('PATCH /webhooks/endpoints/{id}', { path: { id: endpoint.id }, body });
          else onMade?.(await api('POST /webhooks/endpoints', { body }));
          await queryClient.invalidateQueries({ queryKey: ['endpoints'] });
        })
      }
      onClose={onClose}
      wide
    >
      <TextInput
        label="URL"
        description="It gets a POST with the job, signed, and answers 2xx within 20 s"
        type="url"
        required
        withAsterisk={false}
        data-autofocus
        placeholder="https://app.example/hooks/longhaul"
        error={faults.of('/url')}
        value={url}
        onChange={(event) => setUrl(event.currentTarget.value)}
      />
      <TextInput label="Description" error={faults.of('/description')} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
      <fieldset className="checks">
        <legend>When; without any, at each end</legend>
        {offered.map(([event, words]) => (
          <Check
            key={event}
            label={words}
            checked={events.includes(event)}
            onChange={(on) => setEvents((before) => EVENTS.map(([one]) => one).filter((one) => (one === event ? on : before.includes(one))))}
          />
        ))}
      </fieldset>
      <div className="fields">
        <TextInput
          label="Only of kinds"
          description="with commas between, such as report.*, csv.import"
          list="webhook-kinds"
          error={faults.of('/kinds')}
          value={kinds}
          onChange={(event) => setKinds(event.currentTarget.value)}
        />
        <TextInput
          label="Only with one of the tags"
          description="with commas between"
          error={faults.of('/tags')}
          value={tags}
          onChange={(event) => setTags(event.currentTarget.value)}
        />
      </div>
      <datalist
        id="webhook-kinds"
        children={known.map((kind) => (
          <option key={kind} value={kind} />
        ))}
      />
      <p aria-live="polite">
        It is told of {filterWords(body)}, from now on.{!endpoint && ' Its secret is shown once, after it is made: the receiver checks signatures with it.'}
      </p>
    </Deed>
  );
}
