import { type JSX, type SyntheticEvent, useState } from 'react';
import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, ApiError, PATH, PROVIDER } from '../api/api';
import { queryClient, sessionQuery } from '../api/queries';
import { askWhoItIs } from '../api/session';
import './sign-in.css';

/** In parts that are not broken between lines. */
const COMMAND = ['longhaul keys create', '--name "your name"', '--scope queues:read', '--scope jobs:read'];

function reasonOf(error: unknown): string {
  if (error instanceof ApiError && error.status === 401) return 'This key is not valid here: it is unknown, revoked or over.';
  return error instanceof Error ? error.message : String(error);
}

/** Where the gateway begins to sign in with an account, and comes back to this screen. */
function toProvider(): string {
  const { pathname, search, hash } = globalThis.location;
  return `${PATH}/session/oidc?goTo=${encodeURIComponent(pathname.slice(PATH.length) + search + hash)}`;
}

/**
 * Asks for an API key, and opens a session with it: the key itself is not kept, and no script can read the session's cookie. Where the gateway has an
 * identity provider, an account there does as well. `hasEnded`: somebody was signed in.
 */
export function SignIn({ hasEnded }: { hasEnded: boolean }): JSX.Element {
  const [key, setKey] = useState('');
  const [wrong, setWrong] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const open = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await api('POST /session', { body: { key: key.trim() } });
      // What was refused before is asked for anew, streams too.
      queryClient.clear();
      askWhoItIs('no');
    } catch (error) {
      setWrong(reasonOf(error));
      setBusy(false);
    }
  };
  return (
    <main className="sign-in" id="main">
      <h1>{PROVIDER === '' ? 'Sign in with an API key' : 'Sign in'}</h1>
      {hasEnded && (
        <p className="ended" role="status">
          Your session has ended: somebody has revoked it, eight hours are over, or nobody used it for 30 minutes.
        </p>
      )}
      {PROVIDER !== '' && (
        <>
          <a className="btn primary" href={toProvider()}>
            Sign in with {PROVIDER}
          </a>
          <h2 className="or">Or with an API key</h2>
        </>
      )}
      <p>
        {PROVIDER === '' && 'This gateway lets in only who has a key. '}Whoever runs {PROVIDER === '' ? 'it' : 'this gateway'} makes one:{' '}
        <code>
          {COMMAND.map((part) => (
            <span key={part}>{part} </span>
          ))}
        </code>
      </p>
      <form onSubmit={(event) => void open(event)}>
        <TextInput
          type="password"
          label="API key"
          placeholder="lh_…"
          autoComplete="off"
          autoFocus={PROVIDER === ''}
          value={key}
          onChange={({ currentTarget }) => setKey(currentTarget.value)}
        />
        {wrong !== undefined && (
          <p className="wrong" role="alert">
            {wrong}
          </p>
        )}
        <button type="submit" className={PROVIDER === '' ? 'btn primary' : 'btn'} disabled={key.trim() === '' || isBusy}>
          Sign in
        </button>
      </form>
    </main>
  );
}

/** Who is signed in, and the way out; nothing where the gateway lets everybody in. */
export function Who(): JSX.Element | null {
  const { data } = useQuery(sessionQuery);
  if (data?.via !== 'session') return null;
  const close = async (): Promise<void> => {
    await api('DELETE /session');
    queryClient.clear();
    askWhoItIs();
  };
  return (
    <div className="who">
      <span className="cut" title={data.subject}>
        {data.tenant === null ? data.name : `${data.name}, ${data.tenant}`}
      </span>
      <button type="button" className="btn quiet small" onClick={() => void close()}>
        Sign out
      </button>
    </div>
  );
}
