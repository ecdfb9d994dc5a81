/** What Nx asks this package for when it works on a workspace; bin/plugin.cjs hands it on. */
export { preTasksExecution } from './inference/command-line.js';
export { createNodes } from './inference/create-nodes.js';
