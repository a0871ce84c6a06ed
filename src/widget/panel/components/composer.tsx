import type { JSX, RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { STRINGS } from "../strings.js";
import type { Talk } from "../talk.js";
import { Icon } from "./icon.js";
import { IconButton } from "./icon-button.js";

interface ComposerProps {
  talk: Talk;
  placeholder: string | undefined;
  hasVoice: boolean;
  input: RefObject<HTMLTextAreaElement | null>;
}

export function Composer({ talk, placeholder, hasVoice, input }: ComposerProps): JSX.Element {
  const text = talk.draft.text.value;
  const preload = (): void => talk.preload();
  const send = (): void => {
    // As it is now, and not as it was drawn last.
    const written = talk.draft.text.value;
    if (written.trim() === "") return;
    talk.say(written);
    talk.draft.write("");
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // While a word is being composed, Enter belongs to the input method. Safari ends the word first, and says so by 229.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) {
      return;
    }
    event.preventDefault();
    send();
  };
  // The field grows with its text, up to what the style sheet allows.
  useLayoutEffect(() => {
    const element = input.current;
    if (element === null) return;
    element.style.setProperty("height", "auto");
    element.style.setProperty("height", `${element.scrollHeight}px`);
  }, [text]);

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onPointerEnter={preload}
      // Not on focus: the panel itself puts the focus here when it opens, which is no intent to talk.
      onInput={preload}
    >
      <textarea
        ref={input}
        rows={1}
        // Empty, it shows the panel's own words.
        dir={text === "" ? undefined : "auto"}
        enterkeyhint="send"
        aria-label={placeholder ?? STRINGS.placeholder}
        placeholder={placeholder ?? STRINGS.placeholder}
        value={text}
        onInput={({ currentTarget }) => {
          const fitting = talk.fit(currentTarget.value);
          if (currentTarget.value !== fitting) currentTarget.value = fitting;
          talk.draft.write(fitting);
        }}
        onKeyDown={onKeyDown}
      />
      {hasVoice && talk.call.phase.value === "off" && !talk.shared.isCallElsewhere.value && (
        <IconButton
          icon="microphone"
          label={STRINGS.startVoice}
          onClick={() => void talk.startVoice()}
        />
      )}
      <button
        type="submit"
        class="icon-button send"
        aria-label={STRINGS.send}
        title={STRINGS.send}
        disabled={text.trim() === ""}
      >
        <Icon name="send" />
      </button>
    </form>
  );
}
