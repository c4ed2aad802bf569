import { postgresWorld } from './postgres-world.js';
import { roomSuite } from './room.suite.js';

describe('the waiting room on PostgreSQL', () => roomSuite(postgresWorld));
