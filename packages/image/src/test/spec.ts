import type { ImageSpec } from '../spec.js';
import { amd64, arm64 } from './base.js';

/** A small image for two platforms. */
export const spec: ImageSpec = {
  platforms: [amd64, arm64],
  files: [
    { path: 'app/main.mjs', source: { bytes: Buffer.from('console.log("hello");\n') } },
    { path: 'app/run', source: { bytes: Buffer.from('#!/bin/sh\n') }, executable: true },
  ],
  entrypoint: ['/usr/local/bin/node', '/app/main.mjs'],
  cmd: ['--config', '/etc/plugin.toml'],
  env: { NODE_ENV: 'production', NODE_VERSION: 'ours' },
  workdir: '/app',
  labels: { 'org.opencontainers.image.title': 'Plugin' },
  exposedPorts: [8080],
  annotations: {
    'org.opencontainers.image.source': 'https://github.com/example/plugins',
    'org.opencontainers.image.version': '1.2.3',
  },
  created: new Date('2026-11-24T03:00:00.999Z'),
};
