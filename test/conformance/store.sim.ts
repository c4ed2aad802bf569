import { simulatedWorld } from './simulated-world.js';
import { storeSuite } from './store.suite.js';

describe('the simulated store', () => storeSuite(simulatedWorld));
