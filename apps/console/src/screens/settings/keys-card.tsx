import { Link } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import type { KeyView, MadeKey } from '../../api/api';
import { Card, Empty } from '../../parts/parts';
import { Secret } from '../../parts/secret';
import { Time } from '../../parts/time';
import { count } from '../../words/words';
import { RevokeKey, RotateKey } from './key-deeds';
import { Holders, May } from './holders';
import { KeyForm } from './key-form';
import { tenantWords } from './words';

type Name = 'rotate' | 'revoke';

/** Who has a key, and what for. `isMaking`: the dialog for a new one is open. */
export function KeysCard({
  keys,
  isAll,
  isMaking,
  setMaking,
}: {
  keys: readonly KeyView[];
  isAll: boolean;
  isMaking: boolean;
  setMaking: (isMaking: boolean) => void;
}): JSX.Element {
  const [deed, setDeed] = useState<{ name: Name; id: string } | null>(null);
  const [made, setMade] = useState<MadeKey | null>(null);
  const key = keys.find(({ id }) => id === deed?.id);
  const shown = keys.filter(({ state }) => isAll || state === 'valid');
  const over = keys.length - keys.filter(({ state }) => state === 'valid').length;
  const nameOf = (subject: string): string => keys.find(({ id }) => subject === `key:${id}`)?.name ?? subject;
  const close = (): void => setDeed(null);
  return (
    <Card
      title="Keys"
      end={
        over > 0 && (
          <Link
            className="small"
            to="/settings"
            search={({ tenant }) => ({ ...(tenant !== undefined && { tenant }), ...(!isAll && { keys: 'all' as const }) })}
          >
            {isAll ? 'Without those that are over' : `And ${count(over, 'key')} revoked or over`}
          </Link>
        )
      }
    >
      {shown.length === 0 ? (
        <Empty icon="settings" title="No keys.">
          <p>
            A key says who asks, and what it may do. Give each service and each person one of its own: then the audit names them, and one can be revoked alone.
          </p>
          <button type="button" className="btn primary" onClick={() => setMaking(true)}>
            Make one…
          </button>
        </Empty>
      ) : (
        <Holders who="Key">
          {shown.map((one) => (
            <Row key={one.id} of={one} nameOf={nameOf} onDeed={(name) => setDeed({ name, id: one.id })} />
          ))}
        </Holders>
      )}
      {isMaking && <KeyForm onMade={setMade} onClose={() => setMaking(false)} />}
      {key && deed?.name === 'rotate' && <RotateKey of={key} onMade={setMade} onClose={close} />}
      {key && deed?.name === 'revoke' && <RevokeKey of={key} onClose={close} />}
      {made && (
        <Secret title={`The key of ${made.name}`} text={made.key} onClose={() => setMade(null)}>
          <p>
            It is shown this once: copy it now, and give it to its holder alone. Programs send it as <code>Authorization: Bearer …</code>.
          </p>
        </Secret>
      )}
    </Card>
  );
}

/** `nameOf`: of whoever has made or revoked a key, as the audit names them. */
function Row({ of, nameOf, onDeed }: { of: KeyView; nameOf: (subject: string) => string; onDeed: (name: Name) => void }): JSX.Element {
  const { id, name, tenant, state, scopes, kinds, createdAt, createdBy, expiresAt, lastUsedAt, revokedAt, revokedBy } = of;
  return (
    <tr>
      <td className="wraps head">
        <b>{name}</b>
        <div className="small dim">
          <code>{id}</code>, for {tenantWords(tenant)}
        </div>
        <div className="small dim">
          made <Time at={createdAt} /> by {nameOf(createdBy)}
        </div>
      </td>
      <May scopes={scopes} kinds={kinds} />
      <td className="wraps full" data-l="last used">
        {lastUsedAt === null ? <span className="dim">never</span> : <Time at={lastUsedAt} />}
        {state === 'valid' && expiresAt !== null && (
          <div className="small dim">
            ends <Time at={expiresAt} />
          </div>
        )}
        {state === 'expired' && expiresAt !== null && (
          <div className="small bad">
            over since <Time at={expiresAt} />
          </div>
        )}
        {state === 'revoked' && revokedAt !== null && (
          <div className="small bad">
            revoked <Time at={revokedAt} />
            {revokedBy !== null && ` by ${nameOf(revokedBy)}`}
          </div>
        )}
      </td>
      <td className="full">
        {state === 'valid' && (
          <span className="row wrap">
            <button type="button" className="btn tiny" onClick={() => onDeed('rotate')}>
              Rotate…
            </button>
            <button type="button" className="btn tiny risk" onClick={() => onDeed('revoke')}>
              Revoke…
            </button>
          </span>
        )}
      </td>
    </tr>
  );
}
