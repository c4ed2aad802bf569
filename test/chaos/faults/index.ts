import { brokerFaults } from './broker.js';
import { crashPoints } from './crash-points.js';
import { databaseFaults } from './database.js';
import { limitFaults } from './limits.js';
import { messageFaults } from './messages.js';
import { networkFaults } from './network.js';
import { clockFaults, processFaults } from './processes.js';

/** Each can be run alone by its name: npm run chaos -- -t '<name>'. */
export const scenarios = [
  ...processFaults,
  ...clockFaults,
  ...crashPoints,
  ...brokerFaults,
  ...databaseFaults,
  ...networkFaults,
  ...messageFaults,
  ...limitFaults,
];
