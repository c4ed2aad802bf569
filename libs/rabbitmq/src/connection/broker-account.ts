import { ToldReasons } from './told-reasons.js';

/** What the connections of a process have learned of the account that they share. */
export class BrokerAccount {
  readonly told = new ToldReasons();
  /** Names of parts of the topology that it may not declare, or bind. */
  readonly refused = new Set<string>();
}
