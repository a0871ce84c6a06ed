import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { PastTalks } from "../past-talks.js";
import type { PastTalk } from "../runtime-api.js";
import { STRINGS } from "../strings.js";
import { IconButton } from "./icon-button.js";

/** What only this needs comes with its first use. */
type List = (typeof import("./past-talks-list.js"))["PastTalksList"];
type State = "loading" | "failed" | { List: List; found: PastTalk[] };

/** In the place of the talk that is here, which goes on meanwhile. */
export function PastTalksSheet({ talks }: { talks: PastTalks }): JSX.Element {
  const [state, setState] = useState<State>("loading");
  const heading = useRef<HTMLHeadingElement>(null);
  const load = (): (() => void) => {
    let isWanted = true;
    const become = (next: State): void => {
      if (isWanted) setState(next);
    };
    setState("loading");
    Promise.all([import("./past-talks-list.js"), talks.list()]).then(
      ([{ PastTalksList: List }, found]) => become({ List, found }),
      () => become("failed"),
    );
    return () => {
      isWanted = false;
    };
  };
  useEffect(load, [talks]);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section
      class="sheet full past-talks"
      aria-busy={state === "loading"}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.isComposing) return;
        // Only the list closes, not the panel.
        event.stopPropagation();
        talks.close();
      }}
    >
      <div class="past-talks-head">
        <IconButton icon="previous" label={STRINGS.back} onClick={() => talks.close()} />
        <h2 tabIndex={-1} ref={heading}>
          {STRINGS.pastTalks}
        </h2>
      </div>
      {state === "loading" && (
        <p class="muted" role="status">
          {STRINGS.loading}
        </p>
      )}
      {state === "failed" && (
        <p class="form-error" role="alert">
          {STRINGS.requestFailed}{" "}
          <button type="button" class="link" onClick={load}>
            {STRINGS.retry}
          </button>
        </p>
      )}
      {typeof state === "object" && <state.List talks={talks} found={state.found} />}
    </section>
  );
}
