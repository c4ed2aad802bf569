import type { JSX } from 'react';
import { api, type DeliveryView, type EndpointView } from '../../api/api';
import { queryClient } from '../../api/queries';
import { Deed } from '../../parts/deed';
import { count } from '../../words/words';
import { curlOf } from './words';

export const seeDeliveries = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ['deliveries'] });

/** One is sent again. */
export function Replay({ delivery: { id, url, state, webhookId }, onClose }: { delivery: DeliveryView; onClose: () => void }): JSX.Element {
  return (
    <Deed
      does="replayWebhookDelivery"
      title="Send it again"
      button="Send it now"
      command={curlOf('POST', `/webhooks/deliveries/${id}/replay`)}
      act={async () => {
        await api('POST /webhooks/deliveries/{id}/replay', { path: { id } });
        await seeDeliveries();
      }}
      onClose={onClose}
    >
      <p>
        It goes to {url} at once{state === 'pending' ? ', and does not wait for its next attempt' : ''}, with the same webhook-id: <code>{webhookId}</code>. A
        receiver that remembers ids knows it again.
      </p>
    </Deed>
  );
}

/** All that have failed, a thousand at most. */
export function ReplayFailed({ endpoint, onClose }: { endpoint: EndpointView | undefined; onClose: () => void }): JSX.Element {
  const body = endpoint ? { endpoint: endpoint.id } : {};
  return (
    <Deed
      does="replayWebhookDeliveries"
      title="Send failed deliveries again"
      button="Send them now"
      command={curlOf('POST', '/webhooks/deliveries/replay', body)}
      act={async () => {
        const { replayed, refused } = await api('POST /webhooks/deliveries/replay', { body });
        await seeDeliveries();
        if (refused.length > 0)
          throw new Error(
            `${count(replayed, 'delivery is', 'deliveries are')} on the way. ${count(refused.length, 'was', 'were')} refused: ${refused[0]?.detail ?? ''}`,
          );
      }}
      onClose={onClose}
    >
      <p>Up to 1,000 deliveries {endpoint ? `to ${endpoint.url} ` : ''}that have failed are sent at once, each with the same webhook-id as before.</p>
    </Deed>
  );
}
