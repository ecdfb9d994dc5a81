import type { AccessRequestCreated, AccessRequestEvent } from './access-request.js';
import type { Settings, Table } from './config/read.js';
import type { Log } from './log.js';

/** What a notifier plugin brings; all else it shares with the others. */
export interface Plugin<Tables extends Readonly<Record<string, Table<unknown>>>> {
  /** As its image is called: `teleport-plugin-email`. */
  readonly name: string;
  /** One line, for `--help`. */
  readonly summary: string;
  /** The tables of the configuration file that only this plugin has. */
  readonly tables: Tables;
  /** What a recipient is, for `[role_to_recipients]`. */
  readonly recipient: RecipientType;
  readonly connect: (settings: Settings<Tables>, context: NotifierContext) => Notifier;
}

/** How a recipient is written. */
export interface RecipientType {
  /** For people: `an e-mail address`. */
  readonly expected: string;
  /** The recipient in the one form that stands for it, or `undefined`. */
  readonly parse: (value: unknown) => string | undefined;
}

/** What a notifier gets from the service that runs it. */
export interface NotifierContext {
  readonly log: Log;
  /** Where people open a request, if the configuration says so. */
  readonly teleportUrl: URL | undefined;
  /** How many notifications it will be given at once, at most. */
  readonly concurrency: number;
}

/** One event for one recipient. */
export interface Notification {
  readonly event: AccessRequestEvent;
  readonly recipient: string;
  /** The request that the event is about; `undefined` when its creation was never seen. */
  readonly request: AccessRequestCreated | undefined;
  /** What `notify` returned for the request's creation and this recipient. */
  readonly thread: string | undefined;
}

/** Brings notifications to people. */
export interface Notifier {
  /** The least time between two notifications to one recipient, in milliseconds. */
  readonly spacing: number;
  /**
   * @returns where later notifications about the request belong, in the notifier's own words
   * @throws PluginError `delivery-refused` when no attempt can succeed, `delivery-failed` otherwise
   */
  notify(notification: Notification, signal: AbortSignal): Promise<string | undefined>;
  /** Whether the other side can be reached and knows us. @throws PluginError with the reason */
  check(signal: AbortSignal): Promise<void>;
  close(): void;
}
