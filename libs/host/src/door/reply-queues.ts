import { OWN_PREFIX } from '@app/contracts';
import { ConfigError } from '../environment.js';

/** Whether an outcome may be sent to this `reply_to`. */
export type MayReply = (replyTo: string) => boolean;

/** Direct reply-to: the broker has written the name, which leads only to the connection of the producer. */
const DIRECT = /^amq\.rabbitmq\.reply-to\./;
/** Server-named queues: no client can choose such a name, or know that of another client. */
export const DEFAULT_REPLY_QUEUES = 'amq.gen-*';
/** Characters that make an entry a regular expression instead of a name with `*`. */
const REGULAR = /[\^$\\()[\]|+?{}]/;

/**
 * A reply is sent with Longhaul's permissions to a queue that a producer chose, who may be allowed to submit and nothing else. So it goes only
 * to direct reply-to and to queues that the operator names, and never to Longhaul's own queues. `text` is a comma list of names in which `*` stands
 * for any characters, or of regular expressions.
 */
export function replyQueues(text: string): MayReply {
  const entries = text.split(',').map((entry) => entry.trim());
  const patterns = entries.filter((entry) => entry !== '').map(toPattern);
  return (replyTo) => {
    if (replyTo.startsWith(OWN_PREFIX) || /\p{C}/u.test(replyTo)) return false;
    return DIRECT.test(replyTo) || patterns.some((pattern) => pattern.test(replyTo));
  };
}

/** The whole name must match. For an expression with `^` and without `$` only its beginning must match. */
function toPattern(entry: string): RegExp {
  if (!REGULAR.test(entry)) return new RegExp(`^${entry.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
  try {
    return new RegExp(entry.startsWith('^') ? entry : `^(?:${entry})$`, 'u');
  } catch {
    throw new ConfigError('REPLY_QUEUES', 'a comma list of names with *, or of regular expressions', entry);
  }
}
