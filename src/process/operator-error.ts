/** What an operator has to change. Its message is all that they need. */
export class OperatorError extends Error {}

/** What a command prints before it gives up: a stack only for what nobody foresaw. */
export function explainToOperator(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof OperatorError ? error.message : (error.stack ?? error.message);
}
