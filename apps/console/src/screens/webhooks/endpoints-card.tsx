import { Link } from '@tanstack/react-router';
import { type JSX, useState } from 'react';
import type { EndpointView, EndpointWithSecret } from '../../api/api';
import { Card, Empty } from '../../parts/parts';
import { Secret } from '../../parts/secret';
import { Switch } from '../../parts/switch';
import { Time } from '../../parts/time';
import { count } from '../../words/words';
import { DeleteEndpoint, RotateSecret, SwitchEndpoint } from './endpoint-deeds';
import { EndpointForm } from './endpoint-form';
import { TestEndpoint } from './test-deed';
import { filterWords } from './words';

type Name = 'switch' | 'test' | 'change' | 'rotate' | 'delete';

/** Who is told of jobs that end. `isMaking`: the dialog for a new one is open. */
export function EndpointsCard({
  endpoints,
  mayWrite,
  isMaking,
  setMaking,
}: {
  endpoints: readonly EndpointView[];
  mayWrite: boolean;
  isMaking: boolean;
  setMaking: (isMaking: boolean) => void;
}): JSX.Element {
  const [deed, setDeed] = useState<{ name: Name; id: string } | null>(null);
  const [made, setMade] = useState<EndpointWithSecret | null>(null);
  const endpoint = endpoints.find(({ id }) => id === deed?.id);
  const close = (): void => setDeed(null);
  return (
    <Card title="Endpoints">
      {endpoints.length === 0 ? (
        <Empty icon="webhooks" title="No endpoints.">
          <p>An endpoint is a URL that gets a signed POST for each job that ends, or for some. A job&apos;s own callbackUrl needs none.</p>
          {mayWrite && (
            <button type="button" className="btn primary" onClick={() => setMaking(true)}>
              Tell one…
            </button>
          )}
        </Empty>
      ) : (
        <div className="scroll">
          <table className="stack endpoints">
            <thead>
              <tr>
                <th scope="col">Endpoint</th>
                <th scope="col">Is told of</th>
                <th scope="col">State</th>
                <th scope="col">
                  <span className="unseen">What can be done</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {endpoints.map((one) => (
                <Row key={one.id} endpoint={one} {...(mayWrite && { onDeed: (name: Name) => setDeed({ name, id: one.id }) })} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {isMaking && <EndpointForm onMade={setMade} onClose={() => setMaking(false)} />}
      {endpoint && deed?.name === 'switch' && <SwitchEndpoint endpoint={endpoint} onClose={close} />}
      {endpoint && deed?.name === 'test' && <TestEndpoint endpoint={endpoint} onClose={close} />}
      {endpoint && deed?.name === 'change' && <EndpointForm endpoint={endpoint} onClose={close} />}
      {endpoint && deed?.name === 'rotate' && <RotateSecret endpoint={endpoint} onMade={setMade} onClose={close} />}
      {endpoint && deed?.name === 'delete' && <DeleteEndpoint endpoint={endpoint} onClose={close} />}
      {made && (
        <Secret title="The secret of the endpoint" text={made.secret} onClose={() => setMade(null)}>
          <p>The receiver at {made.url} checks signatures with it. It is shown this once: copy it now.</p>
        </Secret>
      )}
    </Card>
  );
}

function Row({ endpoint, onDeed }: { endpoint: EndpointView; onDeed?: (name: Name) => void }): JSX.Element {
  const { id, url, description, enabled, disabledAt, disabledReason, secrets } = endpoint;
  return (
    <tr>
      <td className="wraps head">
        <Link className="b" to="/webhooks" search={{ endpoint: id }}>
          {url}
        </Link>
        {description !== '' && <div className="small dim">{description}</div>}
      </td>
      <td className="wraps full mid">
        {filterWords(endpoint)}
        {secrets > 1 && <div className="small dim">{count(secrets, 'secret')} sign now</div>}
      </td>
      <td className="sw">
        <Switch on={enabled} label={`${url} is told`} words={['enabled', 'disabled']} {...(onDeed && { onPress: () => onDeed('switch') })} />
        {disabledAt !== null && (
          <div className="small dim">
            since <Time at={disabledAt} />
            {disabledReason !== null && `: ${disabledReason}`}
          </div>
        )}
      </td>
      <td className="full">
        {onDeed && (
          <span className="row wrap">
            <button type="button" className="btn tiny" onClick={() => onDeed('test')}>
              Send a test…
            </button>
            <button type="button" className="btn tiny" onClick={() => onDeed('change')}>
              Change…
            </button>
            <button type="button" className="btn tiny" onClick={() => onDeed('rotate')}>
              Rotate secret…
            </button>
            <button type="button" className="btn tiny risk" onClick={() => onDeed('delete')}>
              Delete…
            </button>
          </span>
        )}
      </td>
    </tr>
  );
}
