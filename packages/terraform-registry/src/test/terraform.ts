import { execFile, execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { ObjectStore } from '@teleport-plugins/object-store';
import { findPeer, temporaryDirectory, type Peer } from '@teleport-plugins/testing';
import { onTestFinished } from 'vitest';

export const terraform: Peer = {
  program: 'terraform',
  install: 'see https://developer.hashicorp.com/terraform/install',
};

/** The host of providers in these tests; the CLI configuration says where it is. */
export const host = 'tf.example.com';

export interface ServedRegistry {
  readonly url: string;
  /** The paths that were asked for. */
  readonly requests: readonly string[];
  /** How a client is told to trust the server. */
  readonly certificate: { readonly certificateFile?: string };
}

/** Serves a store on loopback as a static web server does, until the test ends. */
export async function serveStore(
  store: ObjectStore,
  { tls = false }: { readonly tls?: boolean } = {},
): Promise<ServedRegistry> {
  const requests: string[] = [];
  const answer: RequestListener = (request, response) => {
    const path = decodeURIComponent((request.url ?? '/').slice(1));
    requests.push(path);
    void (async () => {
      const found = await store.get(path).catch(() => undefined);
      if (found === undefined) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, { 'content-type': found.contentType ?? 'binary/octet-stream' });
      for await (const piece of found.content()) response.write(piece);
      response.end();
    })();
  };
  const files = tls ? await selfSigned() : undefined;
  const server = files === undefined ? createServer(answer) : createSecureServer(files, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://${tls ? 'localhost' : '127.0.0.1'}:${port}/`,
    requests,
    certificate: files === undefined ? {} : { certificateFile: files.path },
  };
}

/** A certificate for localhost that nobody but these tests trusts. */
async function selfSigned() {
  const directory = await temporaryDirectory();
  const [key, path] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  const openssl = findPeer({ program: 'openssl', install: 'apt-get install openssl' });
  if (openssl === undefined) throw new Error('openssl is not installed: apt-get install openssl');
  execFileSync(openssl, ['req', ...kind, '-keyout', key, '-out', path, ...names], {
    stdio: 'pipe',
  });
  return { key: await readFile(key), cert: await readFile(path), path };
}

export interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

/** A folder with a configuration that needs the provider, and Terraform in it. */
export async function workspace(
  program: string,
  settings: {
    readonly constraint?: string;
    readonly installation?: string;
    readonly registry?: string;
    readonly host?: string;
    readonly certificateFile?: string;
  },
) {
  const directory = await temporaryDirectory();
  const { constraint, registry, installation = '', certificateFile } = settings;
  const source = settings.host ?? host;
  const version = constraint === undefined ? '' : `\n      version = "${constraint}"`;
  await writeFile(
    join(directory, 'main.tf'),
    `terraform {\n  required_providers {\n    teleport = {\n      source = "${source}/gravitational/teleport"${version}\n    }\n  }\n}\n`,
  );
  const services =
    registry === undefined
      ? ''
      : `host "${source}" {\n  services = { "providers.v1" = "${registry}" }\n}\n`;
  await mkdir(join(directory, 'home'));
  await writeFile(join(directory, 'home', 'cli.tfrc'), services + installation);
  const env = {
    PATH: process.env.PATH,
    HOME: join(directory, 'home'),
    TF_CLI_CONFIG_FILE: join(directory, 'home', 'cli.tfrc'),
    CHECKPOINT_DISABLE: '1',
    TF_IN_AUTOMATION: '1',
    TF_CLI_ARGS: '-no-color',
    TF_REGISTRY_CLIENT_TIMEOUT: '5',
    TF_REGISTRY_DISCOVERY_RETRY: '0',
    ...(certificateFile !== undefined && { SSL_CERT_FILE: certificateFile }),
  };
  const run = async (...args: readonly string[]): Promise<Outcome> => {
    try {
      const { stdout, stderr } = await promisify(execFile)(program, [...args], {
        cwd: directory,
        env,
      });
      return { ok: true, output: stdout + stderr };
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      return { ok: false, output: stdout + stderr };
    }
  };
  return { directory, run };
}
