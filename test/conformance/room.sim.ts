import { simulatedWorld } from './simulated-world.js';
import { roomSuite } from './room.suite.js';

describe('the simulated waiting room', () => roomSuite(simulatedWorld));
