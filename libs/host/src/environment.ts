import { parseUrl } from '@app/core';
/** A variable of the environment is missing or has a wrong value. The message names the variable. */
export class ConfigError extends Error {
  constructor(variable: string, expected: string, got: string | undefined, fix?: string) {
    super(`expected ${variable} to be ${expected}, got: ${got === undefined ? 'nothing' : shown(got)}${fix === undefined ? '' : `; ${fix}`}`);
    this.name = 'ConfigError';
  }
}

const SHOWN = 200;

/** The value in one line of limited length. */
function shown(got: string): string {
  return JSON.stringify(got.length <= SHOWN ? got : `${got.slice(0, SHOWN)}…`);
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;

/** Reads and checks variables, each once. A wrong one throws a {@link ConfigError}. */
export class Environment {
  constructor(private readonly values: NodeJS.ProcessEnv) {}

  text(variable: string, otherwise: string): string {
    return this.values[variable]?.trim() || otherwise;
  }

  /** The given value, which may be empty; undefined when the variable is not set. */
  given(variable: string): string | undefined {
    return this.values[variable]?.trim();
  }

  url(variable: string, protocols: string[], otherwise: string): string {
    const value = this.text(variable, otherwise);
    const protocol = parseUrl(value)?.protocol.slice(0, -1);
    // The value may contain a password, so the message does not repeat it.
    if (protocol === undefined || !protocols.includes(protocol))
      throw new ConfigError(variable, `a URL beginning with ${protocols.map((name) => `${name}://`).join(' or ')}`, 'another text');
    return value;
  }

  integer(variable: string, min: number, max: number, otherwise: number): number {
    const value = this.text(variable, String(otherwise));
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < min || number > max) throw new ConfigError(variable, `a whole number from ${min} to ${max}`, value);
    return number;
  }

  oneOf<Choice extends string>(variable: string, choices: readonly Choice[], otherwise: Choice): Choice {
    const value = this.text(variable, otherwise);
    if (!(choices as readonly string[]).includes(value)) throw new ConfigError(variable, choices.join(' or '), value);
    return value as Choice;
  }

  logLevel(): (typeof LOG_LEVELS)[number] {
    return this.oneOf('LOG_LEVEL', LOG_LEVELS, 'info');
  }

  flag(variable: string): boolean {
    return this.oneOf(variable, ['0', '1', 'false', 'true'], '0').match(/^(1|true)$/) !== null;
  }

  list(variable: string, pattern: RegExp): string[] {
    const items = this.text(variable, '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
    for (const item of items) if (!pattern.test(item)) throw new ConfigError(variable, `a comma list of names that match ${pattern.source}`, item);
    return items;
  }
}
