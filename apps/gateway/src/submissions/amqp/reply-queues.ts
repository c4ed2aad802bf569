import { OWN_PREFIX } from '@app/contracts';
import { ConfigError } from '@app/host';

/** Whether an outcome may be sent to this `reply_to`. */
export type MayReply = (replyTo: string) => boolean;

/** Direct reply-to: the broker has written the name, and it leads to the connection of the producer and nowhere else. */
const DIRECT = /^amq\.rabbitmq\.reply-to\./;
/** Server-named queues: nobody knows the name of another's, and nobody can choose one. */
export const DEFAULT_REPLY_QUEUES = 'amq.gen-*';
/** What makes an entry a regular expression instead of a name with `*`. */
const REGULAR = /[\^$\\()[\]|+?{}]/;

/**
 * A reply is sent with our rights to a name that a producer chose, who may have the right to submit and no other. So it goes to
 * direct reply-to and to queues that the operator names; never to our own. `text` is a comma list of names in which `*` stands
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

/** The whole name has to match, unless an expression says `^` and no `$`: then its beginning. */
function toPattern(entry: string): RegExp {
  if (!REGULAR.test(entry)) return new RegExp(`^${entry.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
  try {
    return new RegExp(entry.startsWith('^') ? entry : `^(?:${entry})$`, 'u');
  } catch {
    throw new ConfigError('REPLY_QUEUES', 'a comma list of names with *, or of regular expressions', entry);
  }
}
