import { ToldReasons } from './told-reasons.js';

/** Facts that the connections of a process have found out about the account that they share. */
export class BrokerAccount {
  readonly told = new ToldReasons();
  /** Names of parts of the topology that the account may not declare or bind. */
  readonly refused = new Set<string>();
}
