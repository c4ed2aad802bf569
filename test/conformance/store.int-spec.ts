import { postgresWorld } from './postgres-world.js';
import { storeSuite } from './store.suite.js';

describe('the store on PostgreSQL', () => storeSuite(postgresWorld));
