import { didYouMean } from './did-you-mean.js';
import { declaredEnvironment, type Environment, environmentOf } from './environment.js';
import { ReleaseError } from './error.js';
import { checked, type Decoder, decodeDocument, text } from './json/decode.js';
import { type Document, readDocument } from './json/document.js';
import { object, optional, record, required } from './json/object.js';
import { alternatives, quoted } from './quoted.js';
import type { Variables } from './setting.js';

/** The workspace's `release.config.json`. */
export interface ReleaseConfig {
  /** Where the sources are on the web: `org.opencontainers.image.source` of every image. */
  readonly source: string;
  readonly defaultEnvironment: string;
  /** The names of all environments, in the order of the file. */
  readonly environments: readonly string[];
  /** An environment by name, or the default one. Throws `environment-unknown`. */
  environment(name?: string): Environment;
}

export const configFile = 'release.config.json';

/**
 * Reads `release.config.json` at the root of the workspace. Throws `file-missing`, `file-unreadable`,
 * `json-invalid` and `config-invalid`.
 */
export async function loadReleaseConfig(
  workspaceRoot: string,
  variables: Variables,
): Promise<ReleaseConfig> {
  const document = await readDocument(workspaceRoot, configFile, {
    adviceWhenMissing:
      'it declares the environments of a release (packages/release/schemas/release.config.schema.json)',
  });
  return releaseConfigOf(document, workspaceRoot, variables);
}

/** Throws `config-invalid`. */
export function releaseConfigOf(
  document: Document,
  workspaceRoot: string,
  variables: Variables,
): ReleaseConfig {
  const declared = decodeDocument(document, configDecoder(workspaceRoot), 'config-invalid');
  const { source, defaultEnvironment, environments } = declared;
  const names = [...environments.keys()];
  return {
    source,
    defaultEnvironment,
    environments: names,
    environment: (name = defaultEnvironment) => {
      const found = environments.get(name);
      if (found !== undefined) return environmentOf(name, found, { workspaceRoot, variables });
      throw new ReleaseError(
        'environment-unknown',
        `there is no environment ${quoted(name)} in ${document.file}, ` +
          `which has ${alternatives(names).replace(/ or /, ' and ')}${didYouMean(name, names)}`,
      );
    },
  };
}

function configDecoder(workspaceRoot: string) {
  const decoder = object('the configuration of releases', {
    $schema: optional(
      text('the path of the schema', (path) => path),
      undefined,
    ),
    source: required(sourceUrl),
    defaultEnvironment: required(environmentName),
    environments: required(
      record(
        'environments by name',
        { expected: environmentName.expected, pattern: namePattern },
        declaredEnvironment(workspaceRoot),
      ),
    ),
  });
  return checked(decoder, ({ defaultEnvironment, environments }, place) => {
    const chosen = environments.get(defaultEnvironment);
    if (chosen?.protected === false) return undefined;
    const what =
      chosen === undefined
        ? `expected one of the environments, found ${quoted(defaultEnvironment)}` +
          didYouMean(defaultEnvironment, [...environments.keys()])
        : `expected an environment that is not protected, found ${quoted(defaultEnvironment)}`;
    return place.at('defaultEnvironment').refuse(what);
  });
}

const namePattern = /^[a-z][a-z0-9-]{0,63}$/;

const environmentName: Decoder<string> = text(
  'the name of an environment in lower-case letters, digits and "-"',
  (name) => (namePattern.test(name) ? name : undefined),
);

const sourceUrl: Decoder<string> = text(
  'the https address of the sources, such as "https://github.com/gravitational/teleport-plugins"',
  (url) => (/^https:\/\/[\w.-]+(?::\d+)?\/[\w./~-]+$/.test(url) ? url : undefined),
);
