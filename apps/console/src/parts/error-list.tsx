import type { JSX } from 'react';
import type { AttemptErrorView } from '../api/api';
import { reasonWords } from '../words/reason-words';
import { Time } from './time';
import './error-list.css';

/** The errors of a job's attempts, the newest first. */
export function ErrorList({ errors }: { errors: readonly AttemptErrorView[] }): JSX.Element {
  return (
    <ol className="errors">
      {errors.toReversed().map((error) => (
        <li key={`${String(error.attempt)} ${error.at}`}>
          <p>
            <b className="bad">{error.message}</b>
          </p>
          <p className="small dim">
            attempt {error.attempt} · {reasonWords(error.code)} · <Time at={error.at} />
          </p>
          {error.stack && (
            <details>
              <summary className="small">{error.name}, with its stack</summary>
              <pre className="code" tabIndex={0}>
                {error.stack}
              </pre>
            </details>
          )}
        </li>
      ))}
    </ol>
  );
}
