export type {
  AccessRequestCreated,
  AccessRequestEvent,
  AccessRequestReviewed,
  AccessRequestUpdated,
} from './access-request.js';
export {
  type Field,
  optional,
  optionalFile,
  optionalSecret,
  required,
  requiredSecret,
  type Values,
  withDefault,
} from './config/fields.js';
export { type Settings, type Table, table } from './config/read.js';
export { duration, httpUrl, integer, oneOf, text, type ValueType } from './config/types.js';
export { messageOf, PluginError, type PluginErrorCode } from './error.js';
export { type Host, processHost } from './host.js';
export type { Log, LogFields } from './log.js';
export type { Notification, Notifier, NotifierContext, Plugin, RecipientType } from './plugin.js';
export { runPlugin } from './run.js';
export { type Fact, oneLine, type Summary, summarize } from './summary.js';
