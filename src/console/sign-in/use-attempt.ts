import { useState, type FormEvent } from "react";

interface Attempt {
  readonly isBusy: boolean;
  /** What the last one failed with. */
  readonly error: unknown;
  /** For a form's `onSubmit`, or a button's `onClick`. */
  submit(event: Pick<FormEvent, "preventDefault">): void;
}

/** One attempt at a time at what a form is for. */
export function useAttempt(attempt: () => Promise<void>): Attempt {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async (): Promise<void> => {
    setIsBusy(true);
    setError(undefined);
    try {
      await attempt();
    } catch (reason) {
      setError(reason);
    } finally {
      setIsBusy(false);
    }
  };
  return {
    isBusy,
    error,
    submit: (event) => {
      event.preventDefault();
      if (!isBusy) void run();
    },
  };
}
