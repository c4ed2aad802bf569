import { type Environment } from '../environment.js';
import { eachAt, eachLeaf, type FieldPath, fieldPaths, type Root } from './field-path.js';
import { HiddenValues } from './hidden-values.js';
import { hideSecrets, REDACTED, secretsOf } from './hide-secrets.js';

/** What a job or a message has of that which `LOG_REDACT` may name. */
export type Redactable = Partial<Record<Root, unknown>>;

/** Members of a line that Longhaul itself writes. A value that happens to be within one of them stays. */
const OWN = new Set(['level', 'time', 'app', 'service', 'pid', 'jobId', 'jobIds', 'kind', 'queue', 'attempt', 'workerId']);
/** Where a line has one of the roots by another name. */
const ALSO: Record<string, Root> = { messageId: 'idempotencyKey', rawPayload: 'payload', tag: 'tags' };
const LINGER_MS = 10_000;

/**
 * Leaves out of every line that this process logs:
 *
 * - credentials, always: what looks like one ({@link hideSecrets}), and those that the environment holds;
 * - the fields that `LOG_REDACT` names: where they stand under their path, and, while a job runs here and for ten seconds after, their values
 *   wherever they stand, such as in the message of an error that quotes one.
 *
 * The lines of all libraries and handlers go through it, for it stands before the stream and not before the logger.
 */
export class Redaction {
  private readonly values = new HiddenValues();
  private readonly secrets = new HiddenValues();

  constructor(
    private readonly paths: readonly FieldPath[] = [],
    secrets: readonly string[] = [],
  ) {
    for (const secret of secrets) this.secrets.add(secret);
  }

  /** Throws a `ConfigError` when `LOG_REDACT` is wrong. */
  static of(env: Environment, values: NodeJS.ProcessEnv = process.env): Redaction {
    return new Redaction(fieldPaths(env), secretsOf(values));
  }

  /** Whether any field is left out. */
  get active(): boolean {
    return this.paths.length > 0;
  }

  /** Whether fields with one of the roots are left out, so that somebody who has them should call {@link hold}. */
  hides(...roots: Root[]): boolean {
    return this.paths.some(({ root }) => roots.includes(root));
  }

  /** Leaves the values of the fields out of all lines, until ten seconds after the function that it returns was called. Never throws. */
  hold(of: Redactable): () => void {
    const held: string[] = [];
    const keep = (value: unknown) => eachLeaf(value, (leaf) => held.push(leaf));
    for (const { root, names } of this.paths) {
      if (names.length === 0) keep(of[root]);
      else eachAt(of[root], names, keep, root === 'headers');
    }
    for (const value of held) this.values.add(value);
    return () => {
      if (held.length > 0) setTimeout(() => held.splice(0).forEach((value) => this.values.drop(value)), LINGER_MS).unref();
    };
  }

  /** For a line of JSON. Never throws. */
  line(line: string): string {
    const shown = hideSecrets(this.secrets.hideIn(line));
    if (!this.active) return shown;
    try {
      const fields = JSON.parse(shown) as Record<string, unknown>;
      this.hideFields(fields);
      return `${JSON.stringify(this.shownValue(fields))}\n`;
    } catch {
      return `${this.values.hideIn(shown.trimEnd())}\n`;
    }
  }

  /** For a text that is no JSON, such as what a child process writes. */
  text(text: string): string {
    return this.values.hideIn(hideSecrets(this.secrets.hideIn(text)));
  }

  /** By their paths: below the names of the roots at any depth, and in the line itself, for handlers log parts of payloads as fields. */
  private hideFields(line: Record<string, unknown>): void {
    const hide = (_: unknown, holder: Record<string, unknown>, name: string) => void (holder[name] = REDACTED);
    for (const { root, names } of this.paths) {
      if ((root === 'payload' || root === 'result') && names[0] !== undefined && !OWN.has(names[0])) eachAt(line, names[0] === '*' ? [] : names, hide);
    }
    this.hideBelow(line, hide);
  }

  private hideBelow(value: unknown, hide: Parameters<typeof eachAt>[2]): void {
    if (typeof value !== 'object' || value === null) return;
    const holder = value as Record<string, unknown>;
    for (const name of Object.keys(holder)) {
      const named = ALSO[name] ?? name;
      for (const { root, names } of this.paths) {
        if (root !== named) continue;
        if (names.length === 0) hide(holder[name], holder, name);
        else eachAt(holder[name], names, hide, root === 'headers');
      }
      this.hideBelow(holder[name], hide);
    }
  }

  private shownValue(value: unknown, name = ''): unknown {
    if (OWN.has(name)) return value;
    if (typeof value === 'string') return this.values.hideIn(value);
    if (typeof value === 'number') return this.values.has(String(value)) ? REDACTED : value;
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((entry) => this.shownValue(entry));
    return Object.fromEntries(Object.entries(value).map(([member, of]) => [this.values.hideIn(member), this.shownValue(of, member)]));
  }
}
