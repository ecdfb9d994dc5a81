export { preTasksExecution } from './inference/command-line.js';
export { createNodes, createNodes as createNodesV2 } from './inference/create-nodes.js';
