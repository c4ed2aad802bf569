import { type JSX, type SyntheticEvent, useState } from 'react';
import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, ApiError } from '../api/api';
import { queryClient, sessionQuery } from '../api/queries';
import { askWhoItIs } from '../api/session';
import './sign-in.css';

function reasonOf(error: unknown): string {
  if (error instanceof ApiError && error.status === 401) return 'This key is not valid here: it is unknown, revoked or over.';
  return error instanceof Error ? error.message : String(error);
}

/** Asks for an API key, and opens a session with it: the key itself is not kept, and no script can read the session's cookie. */
export function SignIn(): JSX.Element {
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
      askWhoItIs(false);
    } catch (error) {
      setWrong(reasonOf(error));
      setBusy(false);
    }
  };
  return (
    <main className="sign-in" id="main">
      <h1>Sign in with an API key</h1>
      <p>
        This gateway lets in only who has a key. Whoever runs it makes one:{' '}
        <code>longhaul keys create --name &quot;your name&quot; --scope queues:read --scope jobs:read</code>
      </p>
      <form onSubmit={(event) => void open(event)}>
        <TextInput
          type="password"
          label="API key"
          placeholder="lh_…"
          autoComplete="off"
          autoFocus
          value={key}
          onChange={({ currentTarget }) => setKey(currentTarget.value)}
        />
        {wrong !== undefined && (
          <p className="wrong" role="alert">
            {wrong}
          </p>
        )}
        <button type="submit" className="btn primary" disabled={key.trim() === '' || isBusy}>
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
