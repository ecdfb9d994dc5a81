/** What every operation on a store accepts. */
export interface OperationOptions {
  readonly signal?: AbortSignal;
}
