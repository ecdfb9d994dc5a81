export type { RedactedStream } from './redaction/redacted-stream.js';
export { redactor, type Redactor } from './redaction/redactor.js';
