import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the targets need to know of `release.config.json`. */
export interface DeclaredEnvironments {
  /** In the order of the file. */
  readonly names: readonly string[];
  /** The one that a target runs in when no other is asked for. */
  readonly default?: string;
  /** The environment variables that values refer to, sorted. */
  readonly variables: readonly string[];
}

/**
 * Reads the names out of `release.config.json`, without judging the rest: this runs each time Nx computes its
 * graph. The steps parse the file in full (packages/release) and say exactly what is wrong with it.
 */
export function readEnvironments(workspaceRoot: string): DeclaredEnvironments {
  let text: string;
  try {
    text = readFileSync(join(workspaceRoot, 'release.config.json'), 'utf8');
  } catch {
    return { names: [], variables: [] };
  }
  const environments = parse(text)?.environments ?? {};
  const names = Object.keys(environments);
  const byDefault = names.find((name) => environments[name]?.default === true);
  const variables = [...text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)/g)].map(
    (match) => match[1] ?? '',
  );
  return {
    names,
    ...(byDefault !== undefined && { default: byDefault }),
    variables: [...new Set(variables)].sort(),
  };
}

interface Config {
  readonly environments?: Readonly<Record<string, { readonly default?: unknown } | null>>;
}

function parse(text: string): Config | undefined {
  try {
    return JSON.parse(text) as Config;
  } catch {
    return undefined;
  }
}
