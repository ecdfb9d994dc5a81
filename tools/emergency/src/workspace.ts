import { resolve } from 'node:path';

/** The workspace that these commands are of, wherever they are called from. */
export const workspaceRoot = resolve(import.meta.dirname, '../../..');
