/** An answer and a whole page may take so long; so long it takes the page to speak up then. Each try is given more. */
const LOAD_MS = 20_000;
const SPEAK_MS = 5000;

interface FrameWatch {
  begin(frame: HTMLIFrameElement): void;
  /** The panel spoke. */
  end(): void;
}

/**
 * Whether a frame brings the panel. A browser's own error page loads as well, and no event tells one from the other:
 * the server is asked beside it, and a frame in which nobody speaks up is given up.
 *
 * @param show there is something to see
 */
export function watchFrame(runtime: string, show: () => void, giveUp: () => void): FrameWatch {
  let watched: HTMLIFrameElement | undefined;
  let tries = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    begin(frame) {
      watched = frame;
      tries++;
      frame.addEventListener("load", () => frame === watched && wait(SPEAK_MS));
      wait(LOAD_MS);
      void ask(frame);
    },
    end() {
      tries = 0;
      stop();
      show();
    },
  };

  function wait(leastMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(fail, leastMs * tries);
  }

  function stop(): void {
    watched = undefined;
    clearTimeout(timer);
  }

  function fail(): void {
    stop();
    giveUp();
  }

  async function ask(frame: HTMLIFrameElement): Promise<void> {
    const status = await askStatus(runtime);
    if (frame !== watched) return;
    if (!status || status >= 500) return fail();
    show();
    // What it refuses the panel tells the visitor, and not us.
    if (status >= 400) stop();
  }
}

/** @returns what the server answers; 0 when it is not reached */
async function askStatus(runtime: string): Promise<number> {
  try {
    return (await fetch(runtime, { credentials: "omit", cache: "no-store" })).status;
  } catch {
    return 0;
  }
}
