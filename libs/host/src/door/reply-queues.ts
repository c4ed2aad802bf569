import { OWN_PREFIX } from '@app/contracts';
import { ConfigError } from '../environment.js';

/** Whether an outcome may be sent to this `reply_to`. `user`: the account of the producer, which the broker has checked; undefined where it has not said so. */
export type MayReply = (replyTo: string, user: string | undefined) => boolean;

/** Direct reply-to: the broker has written the name, which leads only to the connection of the producer. */
const DIRECT = /^amq\.rabbitmq\.reply-to\./;
/** Server-named queues: no client can choose such a name, or know that of another client. */
export const DEFAULT_REPLY_QUEUES = 'amq.gen-*';
/** In an entry the account of the producer, so that one cannot name a queue of another. */
const USER = '{user}';
/** Characters that make an entry a regular expression instead of a name with `*`. */
const REGULAR = /[\^$\\()[\]|+?{}]/;

/**
 * A reply is sent with Longhaul's permissions to a queue that a producer chose, who may be allowed to submit and nothing else. So it goes only
 * to direct reply-to and to queues that the operator names, and never to Longhaul's own queues. `text` is a comma list of names in which `*` stands
 * for any characters, or of regular expressions; `{user}` in either is the name of the producer's account, and nothing where that is not known.
 */
export function replyQueues(text: string): MayReply {
  const entries = text.split(',').map((entry) => entry.trim());
  const patterns = entries.filter((entry) => entry !== '').map(patternsOf);
  return (replyTo, user) => {
    if (replyTo.startsWith(OWN_PREFIX) || /\p{C}/u.test(replyTo)) return false;
    return DIRECT.test(replyTo) || patterns.some((of) => of(user)?.test(replyTo) ?? false);
  };
}

/** The pattern of an entry for a producer. It is read at once, so that a wrong one stops the start. */
function patternsOf(entry: string): (user: string | undefined) => RegExp | undefined {
  const pattern = toPattern(entry.replaceAll(USER, 'user'), entry);
  if (!entry.includes(USER)) return () => pattern;
  return (user) => (user === undefined ? undefined : toPattern(entry, entry, user));
}

/** The whole name must match. For an expression with `^` and without `$` only its beginning must match. */
function toPattern(text: string, entry: string, user = ''): RegExp {
  const parts = text.split(USER);
  // The account is a name and nothing else, whatever characters it has.
  const name = user.replaceAll(/[\^$\\()[\]|+?{}.*/]/g, '\\$&');
  if (!parts.some((part) => REGULAR.test(part)))
    return new RegExp(`^${parts.map((part) => part.replaceAll('.', '\\.').replaceAll('*', '.*')).join(name)}$`, 'u');
  const source = parts.join(name);
  try {
    return new RegExp(source.startsWith('^') ? source : `^(?:${source})$`, 'u');
  } catch {
    throw new ConfigError('REPLY_QUEUES', 'a comma list of names with *, or of regular expressions', entry);
  }
}
