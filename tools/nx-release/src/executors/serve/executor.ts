import { once } from 'node:events';

import type { ExecutorContext } from '@nx/devkit';
import { directoryStore } from '@teleport-plugins/object-store';
import { serveRegistry } from '@teleport-plugins/registry';
import { loadReleaseConfig } from '@teleport-plugins/release';
import { serveTerraformRegistry } from '@teleport-plugins/terraform-registry';

import { StepError } from '../../error.js';
import { processHost } from '../../host.js';
import { pluginsOf } from '../../step/plugins.js';
import { runStep } from '../../step/run-step.js';
import { showPlan } from '../../step/show.js';
import { describeImages, describeProviders, hostBlock } from './describe.js';
import { planServe, type ServeOptions } from './plan.js';

/** Serves the registries of an environment that are in folders, on fixed loopback ports, until it is stopped. */
export default function serve(
  options: ServeOptions,
  context: ExecutorContext,
  host = processHost(),
): Promise<{ success: boolean }> {
  return runStep(context, host, async () => {
    const config = await loadReleaseConfig(context.root, host.env);
    const environment = config.environment(options.environment);
    const plugins = await pluginsOf(context);
    const images = plugins.filter((plugin) => plugin.kind === 'image');
    const providers = plugins.filter((plugin) => plugin.kind === 'terraform-provider');
    const { registries, terraform } = planServe(environment, options);

    for (const { role, endpoint, port } of registries) {
      const server = await onPort(`${role}Port`, serveRegistry(endpoint.directory, { port }));
      host.atEnd(() => server.close());
      const lines = await describeImages(server.host, endpoint, images);
      showPlan(host, `${environment.name} ${role}: ${server.host}`, lines);
    }
    const blocks: string[] = [];
    for (const each of terraform) {
      const store = directoryStore(each.store.directory);
      const option = each.role === 'staging' ? 'terraformStagingPort' : 'terraformProductionPort';
      const server = await onPort(option, serveTerraformRegistry(store, { port: each.port }));
      host.atEnd(() => server.close());
      const lines = await describeProviders(each, store, providers);
      showPlan(host, `${environment.name} Terraform ${each.role}: ${server.url}`, lines);
      blocks.push(hostBlock(each, server));
    }
    if (registries.length > 0) {
      host.print(
        'Pull with: docker pull HOST/NAME:TAG, or skopeo inspect --tls-verify=false docker://HOST/NAME:TAG',
      );
    }
    if (blocks.length > 0) {
      host.print(
        'Install with Terraform or OpenTofu: put this into the file of TF_CLI_CONFIG_FILE',
      );
      for (const block of blocks) host.print(block);
    }

    if (!host.signal.aborted) await once(host.signal, 'abort');
    return 'stopped';
  });
}

/** A port that is taken is most often so by another one of this step. Throws StepError `port-taken`. */
async function onPort<T>(option: string, serving: Promise<T>): Promise<T> {
  try {
    return await serving;
  } catch (error) {
    const { message, cause } = error as Error & { readonly cause?: NodeJS.ErrnoException };
    if (cause?.code !== 'EADDRINUSE') throw error;
    throw new StepError(
      'port-taken',
      `${message}. Another \`release:serve\` may be running, here or elsewhere: --${option}=0 takes any free one`,
      { cause: error },
    );
  }
}
