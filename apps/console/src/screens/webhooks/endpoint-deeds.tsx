import type { JSX } from 'react';
import { api, type EndpointView, type EndpointWithSecret } from '../../api/api';
import { queryClient } from '../../api/queries';
import { Deed } from '../../parts/deed';
import { curlOf } from './words';

interface Props {
  endpoint: EndpointView;
  onClose: () => void;
}

const seeEndpoints = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ['endpoints'] });

export function SwitchEndpoint({ endpoint: { id, url, enabled }, onClose }: Props): JSX.Element {
  const body = { enabled: !enabled };
  return (
    <Deed
      does="updateWebhookEndpoint"
      title={enabled ? 'Disable the endpoint' : 'Enable the endpoint'}
      button={enabled ? 'Disable it' : 'Enable it'}
      risk={enabled}
      command={curlOf('PATCH', `/webhooks/endpoints/${id}`, body)}
      act={async () => {
        await api('PATCH /webhooks/endpoints/{id}', { path: { id }, body });
        await seeEndpoints();
      }}
      onClose={onClose}
    >
      <p>
        {enabled
          ? `${url} is told of no job that ends from now on, also not later.`
          : `${url} is told of each job that ends from now on and fits. Of those that ended meanwhile it is not told.`}
      </p>
    </Deed>
  );
}

export function RotateSecret({ endpoint: { id, url }, onMade, onClose }: Props & { onMade: (made: EndpointWithSecret) => void }): JSX.Element {
  return (
    <Deed
      does="rotateWebhookSecret"
      title="Rotate the secret"
      button="Make a new secret"
      command={curlOf('POST', `/webhooks/endpoints/${id}/rotate-secret`)}
      act={async () => {
        onMade(await api('POST /webhooks/endpoints/{id}/rotate-secret', { path: { id } }));
        await seeEndpoints();
      }}
      onClose={onClose}
    >
      <p>What goes to {url} is signed with the new secret and, for a day, with the former ones too: nothing is lost while the receiver changes over.</p>
    </Deed>
  );
}

export function DeleteEndpoint({ endpoint: { id, url }, onClose }: Props): JSX.Element {
  return (
    <Deed
      does="deleteWebhookEndpoint"
      title="Delete the endpoint"
      button="Delete it"
      risk
      command={curlOf('DELETE', `/webhooks/endpoints/${id}`)}
      act={async () => {
        await api('DELETE /webhooks/endpoints/{id}', { path: { id } });
        await seeEndpoints();
      }}
      onClose={onClose}
    >
      <p>{url} is told of nothing any more. Its secret goes, and cannot be got back. To stop it for a time, disable it.</p>
    </Deed>
  );
}
