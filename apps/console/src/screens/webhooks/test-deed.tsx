import { Modal } from '@mantine/core';
import { type JSX, useState } from 'react';
import { api, type EndpointView, type WebhookTest } from '../../api/api';
import { Deed } from '../../parts/deed';
import { Icon } from '../../parts/icon';
import { CopyButton, Facts } from '../../parts/parts';
import { duration } from '../../words/words';

interface Props {
  endpoint: EndpointView;
  onClose: () => void;
}

/** Sends a signed event that tells of no job, and shows what the receiver answered. */
export function TestEndpoint({ endpoint, onClose }: Props): JSX.Element {
  const { id, url, enabled } = endpoint;
  const [tested, setTested] = useState<WebhookTest | null>(null);
  if (tested) return <Tested test={tested} onAgain={() => setTested(null)} onClose={onClose} />;
  return (
    <Deed
      does="testWebhookEndpoint"
      title="Send a test"
      button="Send it now"
      command={`longhaul webhooks test ${id}`}
      act={async () => setTested(await api('POST /webhooks/endpoints/{id}/test', { path: { id } }))}
      stays
      onClose={onClose}
    >
      <p>
        {url} gets one event of type <code>webhook.test</code>, signed as all others are{enabled ? '' : ', although the endpoint is disabled'}. It tells of no
        job, is never sent again, and is not among the deliveries. What the receiver answers is shown here.
      </p>
    </Deed>
  );
}

function Tested({
  test: { delivered, reason, webhookId, attempt, body },
  onAgain,
  onClose,
}: {
  test: WebhookTest;
  onAgain: () => void;
  onClose: () => void;
}): JSX.Element {
  const { url, status, durationMs, error, answer } = attempt;
  const isSent = reason !== 'address_refused' && reason !== 'https_required';
  return (
    <Modal opened onClose={onClose} title={delivered ? 'The test was taken' : 'The test was not taken'} size={560} classNames={{ title: 'deed-title' }}>
      <div className="deed">
        <div className={`note ${delivered ? 'ok' : 'bad'}`} role="status">
          <Icon name={delivered ? 'succeeded' : 'warn'} />
          <div className="grow">{delivered ? `${url} took it.` : isSent ? `${url} did not take it: ${error ?? ''}.` : `Nothing was sent: ${error ?? ''}.`}</div>
        </div>
        <Facts
          facts={[
            ['Answer', <b key="s" className={delivered ? 'ok' : 'bad'} children={status ?? 'none'} />],
            isSent && ['Took', duration(durationMs)],
            isSent && [
              'webhook-id',
              <span key="w" className="row mono">
                <span>{webhookId}</span>
                <CopyButton className="btn quiet tiny" text={webhookId} label="Copy the webhook-id" />
              </span>,
            ],
          ]}
        />
        {answer && (
          <section aria-label="What it said">
            <h3 className="small dim">What it said{answer.contentType !== '' && `, as ${answer.contentType}`}</h3>
            {answer.body === '' ? <p className="dim">Nothing.</p> : <pre className="code answer">{answer.body}</pre>}
          </section>
        )}
        {isSent && (
          <section aria-label="What was sent">
            <h3 className="small dim">What was sent</h3>
            <pre className="code answer">{body}</pre>
          </section>
        )}
        <footer>
          <button type="button" className="btn" onClick={onAgain}>
            Send another…
          </button>
          <button type="button" className="btn primary" onClick={onClose} data-autofocus>
            Close
          </button>
        </footer>
      </div>
    </Modal>
  );
}
