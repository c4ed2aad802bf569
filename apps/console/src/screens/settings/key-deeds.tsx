import { type JSX, useState } from 'react';
import { api, type KeyView, type MadeKey } from '../../api/api';
import { queryClient } from '../../api/queries';
import { Deed } from '../../parts/deed';
import { Select } from '../../parts/select';
import { tenantWords } from './words';

interface Props {
  of: KeyView;
  onClose: () => void;
}

const OVERLAPS = [
  ['0', 'ends at once'],
  ['3600', 'goes on for an hour'],
  ['86400', 'goes on for a day'],
  ['604800', 'goes on for a week'],
] as const;

export const seeKeys = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ['keys'] });

export function RotateKey({ of: { id, name }, onMade, onClose }: Props & { onMade: (made: MadeKey) => void }): JSX.Element {
  const [overlap, setOverlap] = useState<(typeof OVERLAPS)[number][0]>('86400');
  return (
    <Deed
      does="rotateKey"
      title="Rotate the key"
      button="Make a new key"
      command={`longhaul keys rotate ${id} --overlap-seconds ${overlap}`}
      act={async () => {
        onMade(await api('POST /keys/{id}/rotate', { path: { id }, body: { overlapSeconds: Number(overlap) } }));
        await seeKeys();
      }}
      onClose={onClose}
    >
      <p>{name} gets a new key with the same rights. Give it to its holder while the former one is still valid, and nothing is refused.</p>
      <Select label="The former key" value={overlap} values={OVERLAPS} onChange={setOverlap} />
    </Deed>
  );
}

export function RevokeKey({ of: { id, name, tenant }, onClose }: Props): JSX.Element {
  return (
    <Deed
      does="revokeKey"
      title="Revoke the key"
      button="Revoke it"
      risk
      command={`longhaul keys revoke ${id}`}
      act={async () => {
        await api('DELETE /keys/{id}', { path: { id } });
        await seeKeys();
      }}
      onClose={onClose}
    >
      <p>
        Whatever {name} sends with it, for {tenantWords(tenant)}, is refused within two seconds; its sessions and streams end. There is no way back: a new key
        is another one. Jobs that it has submitted go on.
      </p>
    </Deed>
  );
}
