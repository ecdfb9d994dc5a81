import { repositoryContract } from './contract.js';
import { memoryRepository } from './memory.js';

repositoryContract('A repository in memory', () => Promise.resolve(memoryRepository()));
