import { parsePlatform, type Platform } from '@teleport-plugins/oci';
import type { Shell } from 'zx/core';

import { StepError } from '../error.js';
import { outputOf } from '../programs.js';

const engineNames = ['docker', 'podman'] as const;
export type EngineName = (typeof engineNames)[number];

/** A container engine that answers. */
export interface Engine {
  readonly name: EngineName;
  /** What it runs without emulation. */
  readonly platform: Platform;
}

export interface EngineOptions {
  /** The engine that is asked for; without it the first that answers is taken. */
  readonly wanted: EngineName | undefined;
  /** What can be done where there is none, for people. */
  readonly otherwise: string;
  readonly signal: AbortSignal;
}

/** Finds an engine to load images into. Throws StepError `engine-missing`, with what each of them says. */
export async function findEngine(run: Shell, options: EngineOptions): Promise<Engine> {
  const { wanted, otherwise, signal } = options;
  const reasons: string[] = [];
  for (const name of wanted === undefined ? engineNames : [wanted]) {
    try {
      const [os, architecture] = (await outputOf(ask(run, name))).trim().split('/');
      return { name, platform: parsePlatform(`${String(os)}/${String(architecture)}`) };
    } catch (error) {
      signal.throwIfAborted();
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new StepError(
    'engine-missing',
    `there is no container engine to load the image into:\n  ${reasons.join('\n  ')}\nstart Docker or install Podman; ${otherwise}`,
  );
}

function ask(run: Shell, name: EngineName) {
  switch (name) {
    case 'docker':
      return run`docker version --format ${'{{.Server.Os}}/{{.Server.Arch}}'}`;
    case 'podman':
      return run`podman info --format ${'{{.Host.OS}}/{{.Host.Arch}}'}`;
  }
}
