import { type KindPolicy, LIMIT_NAME, limitFaults, type LimitPer, limitSettings, type NamedLimit } from '@app/core';

/** How many jobs of a kind may run at once, and how many may start in a time. As `PUT /limits/{name}` has it, whose `match` names the kind. */
export interface KindLimit {
  /** Left out, the kind; a second limit of the kind needs one. A limit that is PUT under this name holds in its place, until it is deleted. */
  name?: string;
  /** Only for jobs in this queue, and with this tag (or a prefix of tags, `tenant:*`). */
  queue?: string;
  tag?: string;
  /** Each value has a count and a rate of its own: `tag:tenant` for tags such as `tenant:acme`. */
  per?: LimitPer;
  /** Jobs that run at once, over all workers. */
  concurrency?: number;
  /** Starts in a time: `10/s`, `600/m`, `1000/h`. */
  rate?: string;
  /** Starts that the rate allows at once after a time without any. Default 1. */
  burst?: number;
  /** No start comes later than the rate has allowed it. The kind needs a queue of its own. */
  strict?: boolean;
}

const LISTED = ['name', 'queue', 'tag', 'per', 'concurrency', 'rate', 'burst', 'strict'];

/** The limits of a kind in code. Throws a TypeError that names what is wrong, when the module is loaded. */
export function kindLimits({ kind }: KindPolicy, limits: KindLimit | readonly KindLimit[]): NamedLimit[] {
  const named = (Array.isArray(limits) ? limits : [limits]).map((limit: KindLimit, index) => kindLimit(kind, limit, index));
  const twice = named.find(({ name }, index) => named.findIndex((other) => other.name === name) < index);
  if (twice) throw new TypeError(`expected each limit of ${kind} to have a name of its own, got two of ${twice.name}`);
  return named;
}

function kindLimit(kind: string, limit: KindLimit, index: number): NamedLimit {
  const unknown = Object.keys(limit).find((name) => !LISTED.includes(name));
  if (unknown !== undefined) throw new TypeError(`expected a limit of ${kind} to have only ${LISTED.join(', ')}, got: ${unknown}`);
  const { name = kind, queue, tag, ...rest } = limit;
  if (limit.name === undefined && index > 0)
    throw new TypeError(`expected every limit of ${kind} but the first to have a name, got none for number ${index + 1}`);
  if (!LIMIT_NAME.test(name)) throw new TypeError(`expected the name of a limit of ${kind} to match ${LIMIT_NAME.source}, got: ${name}`);
  const written = { ...rest, match: { kind, ...(queue !== undefined && { queue }), ...(tag !== undefined && { tag }) } };
  const [fault] = limitFaults(written);
  if (fault) throw new TypeError(`the limit ${name} of ${kind} is not valid: ${`${fault.pointer.replace(/^\/match/, '')} ${fault.detail}`.trim()}`);
  return { name, settings: limitSettings(written) };
}
