import { once } from 'node:events';

import type { ExecutorContext } from '@nx/devkit';
import { serveRegistry } from '@teleport-plugins/registry';
import { loadReleaseConfig } from '@teleport-plugins/release';

import { processHost } from '../../host.js';
import { pluginsOf } from '../../step/plugins.js';
import { runStep } from '../../step/run-step.js';
import { showPlan } from '../../step/show.js';
import { describeImages, planServe, type ServeOptions } from './plan.js';

/** Serves the embedded registries of an environment on fixed loopback ports, until it is stopped. */
export default function serve(
  options: ServeOptions,
  context: ExecutorContext,
  host = processHost(),
): Promise<{ success: boolean }> {
  return runStep(context, host, async () => {
    const config = await loadReleaseConfig(context.root, host.env);
    const environment = config.environment(options.environment);
    const plugins = (await pluginsOf(context)).filter((plugin) => plugin.kind === 'image');

    for (const { role, endpoint, port } of planServe(environment, options)) {
      const server = await serveRegistry(endpoint.directory, { port });
      host.atEnd(() => server.close());
      const images = await describeImages(server.host, endpoint, plugins);
      showPlan(host, `${environment.name} ${role}: ${server.host}`, images);
    }
    host.print(
      'Pull with: docker pull HOST/NAME:TAG, or skopeo inspect --tls-verify=false docker://HOST/NAME:TAG',
    );

    if (!host.signal.aborted) await once(host.signal, 'abort');
    return 'stopped';
  });
}
