// Runs the scenarios that are asked for, one after the other, and keeps what came of them in .longhaul/bench.

import { setMaxListeners } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlainError, say } from '../tools/lib/log.mjs';
import { root, stateDir } from '../tools/lib/paths.mjs';
import { describeMachine } from './lib/machine.mjs';
import { readOptions } from './lib/options.mjs';
import { printProfiles } from './lib/profile.mjs';
import { printResult, writePage } from './lib/report.mjs';
import { runScenario } from './lib/run-scenario.mjs';
import { removeLeftOvers } from './lib/services.mjs';
import { scenarios } from './scenarios/index.mjs';

const resultsDir = join(stateDir, 'bench');

/** @param {string[]} args @param {AbortSignal} signal */
export async function measure(args, signal) {
  const options = readOptions(args, Object.keys(scenarios));
  mkdirSync(resultsDir, { recursive: true });
  setMaxListeners(0, signal); // One for each subject.
  if (options.profile) options.profileDir = join(resultsDir, `profile-${Date.now()}`);
  if (options.scenarios.length > 0) await removeLeftOvers();
  for (const name of options.scenarios) {
    const scenario = scenarios[name];
    if (!scenario) continue;
    const machine = await describeMachine();
    say(`${name}: ${JSON.stringify(machine)}`);
    const result = await runScenario(name, scenario, options, signal);
    const record = { ...result, options, machine };
    writeFileSync(join(resultsDir, `${name}-${machine.at.replaceAll(':', '')}.json`), `${JSON.stringify(record, null, 2)}\n`);
    printResult(record);
  }
  if (options.profileDir) printProfiles(options.profileDir, root);
  if (options.write) writePage(resultsDir);
  if (options.scenarios.length === 0 && !options.write) throw new PlainError('expected a scenario, got none');
}
