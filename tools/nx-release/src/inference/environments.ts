import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the targets need to know of `release.config.json`. */
export interface DeclaredEnvironments {
  /** In the order of the file. */
  readonly names: readonly string[];
  /** The one that a target runs in when no other is asked for. */
  readonly default?: string;
  /**
   * The environment variables that the bases of images refer to, sorted. No others: what is built does not
   * depend on where it goes, nor on secrets.
   */
  readonly variables: readonly string[];
}

/**
 * Reads the names out of `release.config.json`, without judging the rest: this runs each time Nx
 * computes its graph. The steps parse the file in full (packages/release), and say what is wrong where.
 */
export function readEnvironments(workspaceRoot: string): DeclaredEnvironments {
  let text: string;
  try {
    text = readFileSync(join(workspaceRoot, 'release.config.json'), 'utf8');
  } catch {
    return { names: [], variables: [] };
  }
  const { environments, defaultEnvironment } = parse(text);
  const names = Object.keys(environments ?? {});
  const variables = Object.values(environments ?? {}).flatMap((environment) =>
    [...baseOf(environment).matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g)].map(
      ([, name = '']) => name,
    ),
  );
  return {
    names,
    ...(names.includes(String(defaultEnvironment)) && { default: String(defaultEnvironment) }),
    variables: [...new Set(variables)].sort(),
  };
}

interface Config {
  readonly environments?: Readonly<Record<string, unknown>> | null;
  readonly defaultEnvironment?: unknown;
}

function baseOf(environment: unknown): string {
  const { base } = Object(environment) as { readonly base?: unknown };
  return typeof base === 'string' ? base : '';
}

function parse(text: string): Config {
  try {
    return (JSON.parse(text) ?? {}) as Config;
  } catch {
    return {};
  }
}
