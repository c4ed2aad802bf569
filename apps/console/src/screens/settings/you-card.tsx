import type { JSX } from 'react';
import type { SessionView } from '../../api/api';
import { Card, Facts } from '../../parts/parts';
import { Time } from '../../parts/time';
import { listed } from '../../words/words';
import { Scopes } from './scopes';
import { tenantWords } from './words';

const KNOWN_BY: Record<SessionView['via'], string> = {
  key: 'an API key',
  session: 'an API key, which opened this session',
  jwt: 'a token of an identity provider',
  local: 'nothing: AUTH is off',
};

/** As whom the console asks. */
export function YouCard({ session }: { session: SessionView }): JSX.Element {
  const { name, subject, tenant, via, scopes, kinds, until } = session;
  return (
    <Card title="You">
      <div className="pad">
        <Facts
          facts={[
            ['Name', name],
            ['Known by', subject.startsWith('oidc:') ? 'an account at an identity provider, which opened this session' : KNOWN_BY[via]],
            ['In the audit', <code key="subject">{subject}</code>],
            ['For', tenantWords(tenant)],
            ['May', <Scopes key="scopes" scopes={scopes} />],
            kinds !== null && ['Kinds', listed(kinds)],
            until !== null && ['Until', <Time key="until" at={until} />],
          ]}
        />
      </div>
    </Card>
  );
}
