import type { JSX, Ref } from "preact";
import { Icon, type IconName } from "./icon.js";

interface IconButtonProps {
  icon: IconName;
  label: string;
  onClick: () => void;
  class?: string;
  disabled?: boolean;
  /** There is nothing to do now, and the focus stays on it all the same. */
  isAtEnd?: boolean;
  /** How it looks: its label says what a press does, and would say the opposite of a state beside it. */
  isOn?: boolean;
  expanded?: boolean;
  "data-done"?: boolean;
  buttonRef?: Ref<HTMLButtonElement>;
}

export function IconButton(props: IconButtonProps): JSX.Element {
  return (
    <button
      type="button"
      ref={props.buttonRef ?? null}
      class={`icon-button ${props.class ?? ""}`}
      aria-label={props.label}
      title={props.label}
      data-on={props.isOn}
      aria-disabled={props.isAtEnd}
      aria-expanded={props.expanded}
      disabled={props.disabled}
      data-done={props["data-done"]}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  );
}
