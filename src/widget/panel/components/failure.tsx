import type { JSX } from "preact";
import { STRINGS } from "../strings.js";
import { Icon } from "./icon.js";

export function Failure({ text, retry }: { text: string; retry?: () => void }): JSX.Element {
  return (
    <main class="failure">
      <Icon name="alert" />
      <p role="alert">{text}</p>
      {retry !== undefined && (
        <button type="button" class="button" onClick={retry}>
          {STRINGS.retry}
        </button>
      )}
    </main>
  );
}
