import { objectStoreContract } from './contract.js';
import { memoryStore } from './index.js';

objectStoreContract('A store in memory', () => Promise.resolve(memoryStore()));
