import type { FileChange } from '@teleport-plugins/auth';

import type { Line } from '../step/show.js';

/** What is going to be changed in the files of the helper, of docker and of podman. */
export function describeChanges(changes: readonly FileChange[]): readonly Line[] {
  return changes.map((change): Line => {
    const { host, file } = change;
    switch (change.kind) {
      case 'registered':
        return ['register', host, file];
      case 'set':
        return change.before === undefined
          ? ['helper', host, file]
          : ['helper', `${host}, instead of "${change.before}"`, file];
      case 'login-removed':
        return ['forget', `the stored login for ${host}`, file];
      case 'restored':
        return ['helper', `${host}, again "${String(change.after)}"`, file];
      case 'removed':
        return ['helper', `none for ${host}`, file];
      case 'unregistered':
        return ['unregister', host, file];
    }
  });
}
