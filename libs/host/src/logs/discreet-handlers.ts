import type { Handlers } from '@app/core';
import type { Redaction } from './redaction.js';

/** Handlers during whose attempts, and for a while after, the fields that `LOG_REDACT` names are left out of this process's logs. */
export function discreetHandlers<Transaction>(handlers: Handlers<Transaction>, redaction: Redaction): Handlers<Transaction> {
  if (!redaction.hides('payload', 'tags', 'result')) return handlers;
  const discreet: Pick<Handlers<Transaction>, 'run'> = {
    async run(kind, payload, attempt) {
      const release = redaction.hold({ payload: parsed(payload), tags: attempt.job.tags });
      try {
        const result = await handlers.run(kind, payload, attempt);
        if (redaction.hides('result')) redaction.hold({ result: written(result) })();
        return result;
      } finally {
        release();
      }
    },
  };
  return Object.assign(Object.create(handlers) as Handlers<Transaction>, discreet);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** The result as it will be stored; undefined for one that cannot be. */
function written(result: unknown): unknown {
  try {
    return parsed(JSON.stringify(result));
  } catch {
    return undefined;
  }
}
