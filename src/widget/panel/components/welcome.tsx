import type { JSX } from "preact";
import type { PanelConfig } from "../../../protocol/widget-reading.js";
import type { QuickAction } from "../../read-config.js";
import { STRINGS } from "../strings.js";
import type { Talk } from "../talk.js";
import { Avatar } from "./avatar.js";
import { Icon } from "./icon.js";
import { Markdown } from "./markdown.js";

/** Longer than this a greeting is set to be read. */
const LONG = 90;

/** Before anything was said: the owner's greeting. Afterwards it stands as the agent's first words. */
export function Welcome({
  chat,
  isSmall,
}: {
  chat: PanelConfig["chat"];
  isSmall: boolean;
}): JSX.Element | null {
  const { welcome_message: greeting } = chat;
  if (isSmall) {
    if (greeting === undefined) return null;
    return (
      <div class="message agent">
        <p class="sender">
          <Avatar chat={chat} size="tiny" />
          <b dir="auto">{chat.title ?? STRINGS.agent}</b>
        </p>
        <Markdown text={greeting} streaming={false} />
      </div>
    );
  }
  const [first = ""] = (greeting ?? "").split("\n");
  return (
    <div class="welcome" data-long={first.length > LONG}>
      {chat.logo_url === undefined ? (
        <Avatar chat={chat} size="large" />
      ) : (
        <img class="logo" src={chat.logo_url} alt="" />
      )}
      <Markdown text={greeting ?? STRINGS.greeting} streaming={false} />
    </div>
  );
}

interface StartersProps {
  talk: Talk;
  actions: QuickAction[];
  /** Whether voice is one of the ways to begin. */
  hasVoice: boolean;
  isSmall: boolean;
}

/** Ways to begin, until the visitor has found their own words. */
export function Starters({ talk, actions, hasVoice, isSmall }: StartersProps): JSX.Element | null {
  const hasSpoken = talk.transcript.entries.value.some(
    (entry) => entry.kind === "message" && entry.role === "user",
  );
  const isSilent = talk.call.phase.value === "off";
  const offersVoice = hasVoice && isSilent && !isSmall && actions.length > 0;
  if (hasSpoken || talk.isRestoring.value || (actions.length === 0 && !offersVoice)) return null;
  return (
    <ul class="starters" data-small={isSmall} aria-label={STRINGS.suggestions}>
      {actions.map((action) => (
        <li key={action.id}>
          <button type="button" onClick={() => talk.say(action.message)}>
            <span dir="auto">{action.label}</span>
            <Icon name="forward" />
          </button>
        </li>
      ))}
      {offersVoice && (
        <li>
          <button type="button" class="speak" onClick={() => void talk.startVoice()}>
            <span>{STRINGS.startVoice}</span>
            <Icon name="microphone" />
          </button>
        </li>
      )}
    </ul>
  );
}
