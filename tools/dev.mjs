// `npm run dev`: as `npm start`, and both apps start again after each change of a source. Ctrl-C stops what it started.

import './lib/node-version.mjs';
import { readCommandLine } from './lib/command-line.mjs';
import { reportAndFail } from './lib/log.mjs';
import { start } from './lib/project.mjs';

const HELP = `Usage: npm run dev

As npm start, and after a change of a source the gateway and the worker start again, within seconds; jobs that run are drained first.
Types are not checked: npm run types does that, or an editor. Logs are for people; npm start writes them as JSON.

  npm run dev -- --help     this text
  npm run dev -- --version  the version
`;

try {
  readCommandLine(HELP);
  process.exit(await start({ watch: true }));
} catch (error) {
  reportAndFail(error);
}
