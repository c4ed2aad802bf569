// The tables of docs/reference/configuration.md: what libs/host/src/variables.ts and the folders of channels say, with the defaults and bounds that the code reads by.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PlainError } from './log.mjs';
import { build } from './paths.mjs';

/** @typedef {{ otherwise: string, takes: string }} Read  the default, and what else may be given */

const built = (/** @type {string} */ path) => import(pathToFileURL(join(build, path)).href);

/** @returns {Promise<string>} */
export async function configurationTables() {
  /** @type {{ VARIABLES: typeof import('../../libs/host/src/variables.js').VARIABLES }} */
  const { VARIABLES } = await built('libs/host/src/variables.js');
  /** @type {{ channelVariables: import('../../libs/host/src/variables.js').MoreVariables }} */
  const { channelVariables } = await built('libs/notifications/src/channel-variables.js');
  const topics = Object.entries(VARIABLES).map(
    ([topic, variables]) => /** @type {const} */ ([topic, topic === channelVariables.topic ? [...variables, ...channelVariables.variables] : variables]),
  );
  const reads = await whatIsRead();
  const described = new Set(topics.flatMap(([, variables]) => variables.flatMap(({ names }) => names)));
  const missing = [...reads.keys()].filter((name) => !described.has(name));
  if (missing.length > 0) throw new PlainError(`expected libs/host/src/variables.ts to describe ${missing.join(', ')}, got nothing; add what they do`);
  const sections = topics.map(([topic, variables]) => {
    const rows = variables.map(({ names, text, default: worded }) => {
      const found = names.map((name) => reads.get(name));
      if (worded === undefined && found.some((read) => read === undefined))
        throw new PlainError(`expected ${names.join(', ')} to be read by the configuration, or to have a default in words, got neither`);
      const defaults = worded ?? [...new Set(found.map((read) => read?.otherwise ?? ''))].filter((each) => each !== '').join(', ');
      const takes = [...new Set(found.map((read) => read?.takes ?? ''))].filter((each) => each !== '').join(', ');
      return `| ${names.map((name) => `\`${name}\``).join(', ')} | ${defaults} | ${takes} | ${text} |`;
    });
    return `## ${topic}\n\n| variable | default | takes | |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return sections.join('\n');
}

/** Reads the configuration of both apps with nothing set, and listens to what is asked for. @returns {Promise<Map<string, Read>>} */
async function whatIsRead() {
  const { Environment, workerSettings } = { ...(await built('libs/host/src/environment.js')), workerSettings: await built('apps/worker/src/worker.config.js') };
  const { gatewayConfig } = await built('apps/gateway/src/gateway.config.js');
  const { notificationsConfig } = await built('libs/notifications/src/notifications.config.js');
  /** @type {Map<string, Read>} */
  const reads = new Map();
  const code = (/** @type {unknown} */ value) => (value === '' ? '' : `\`${String(value)}\``);
  // `integer` asks `text`: what was heard first says more.
  const note = (/** @type {string} */ name, /** @type {unknown} */ otherwise, takes = '') => {
    if (!reads.has(name)) reads.set(name, { otherwise: code(otherwise), takes });
  };
  listen(Environment.prototype, 'text', ([name, otherwise]) => note(name, otherwise));
  listen(Environment.prototype, 'given', ([name]) => note(name, ''));
  listen(Environment.prototype, 'url', ([name, protocols, otherwise]) =>
    note(name, otherwise, protocols.map((/** @type {string} */ each) => `\`${each}://\``).join(', ')),
  );
  listen(Environment.prototype, 'integer', ([name, least, most, otherwise]) => note(name, otherwise, `${least} to ${most}`));
  listen(Environment.prototype, 'oneOf', ([name, choices, otherwise]) => note(name, otherwise, choices.map(code).join(', ')));
  listen(Environment.prototype, 'flag', ([name]) => note(name, '0', '`0`, `1`'));
  listen(Environment.prototype, 'list', ([name]) => note(name, '', 'a list, with commas'));
  gatewayConfig({});
  workerSettings.workerConfig({});
  notificationsConfig(new Environment({ SMTP_URL: 'smtp://127.0.0.1', EMAIL_FROM: 'jobs@example.org', PUBLIC_URL: 'https://jobs.example.org' }), {});
  return reads;
}

/** @param {Record<string, Function>} object @param {string} method @param {(args: any[]) => void} hears */
function listen(object, method, hears) {
  const original = object[method];
  object[method] = function (/** @type {unknown[]} */ ...args) {
    hears(args);
    return original?.apply(this, args);
  };
}
