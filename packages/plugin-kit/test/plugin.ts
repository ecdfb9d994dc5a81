import type { Notification, Notifier, Plugin } from '../src/plugin.js';
import { text } from '../src/config/types.js';

/** A plugin that notifies nobody but the test. */
export interface TestPlugin extends Plugin<Record<string, never>> {
  readonly notifications: readonly Notification[];
  /** What the next notifications do, instead of being taken. */
  readonly behave: (...behaviour: readonly Notifier['notify'][]) => void;
  /** Resolves when so many were taken. */
  readonly taken: (count: number) => Promise<readonly Notification[]>;
}

export function testPlugin(check: Notifier['check'] = () => Promise.resolve()): TestPlugin {
  const notifications: Notification[] = [];
  const behaviours: Notifier['notify'][] = [];
  let changed = (): void => undefined;
  return {
    name: 'teleport-plugin-test',
    summary: 'Notifies nobody.',
    tables: {},
    recipient: text,
    notifications,
    behave: (...behaviour) => {
      behaviours.push(...behaviour);
    },
    async taken(count) {
      while (notifications.length < count)
        await new Promise<void>((resolve) => (changed = resolve));
      return notifications;
    },
    connect: () => ({
      spacing: 0,
      check,
      close: () => undefined,
      async notify(notification, signal) {
        const behaviour = behaviours.shift();
        const thread =
          behaviour === undefined
            ? `thread ${notification.event.requestId}`
            : await behaviour(notification, signal);
        notifications.push(notification);
        changed();
        return thread;
      },
    }),
  };
}
