import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { PanelConfig } from "../../../protocol/widget-reading.js";
import { logError } from "../../log-error.js";
import { isChimeOn, setChime } from "../chime.js";
import { STRINGS } from "../strings.js";
import type { Talk } from "../talk.js";
import type { FrameControls } from "./frame-controls.js";
import { Avatar } from "./avatar.js";
import { Icon, type IconName } from "./icon.js";
import { IconButton } from "./icon-button.js";
import { VIDEO_KINDS, videoLabel } from "./video-buttons.js";

interface HeaderProps {
  talk: Talk;
  chat: PanelConfig["chat"];
  /** Absent when the panel is a page of its own. */
  frame: (FrameControls & { isExpanded: boolean }) | undefined;
}

export function Header({ talk, chat, frame }: HeaderProps): JSX.Element {
  return (
    <header class="header">
      <Avatar chat={chat} size="small" />
      <div class="header-text">
        <h1 dir="auto" tabIndex={-1} id="title">
          {chat.title ?? STRINGS.title}
        </h1>
        <Status talk={talk} subtitle={chat.subtitle} />
      </div>
      <Menu talk={talk} frame={frame} />
      {frame !== undefined && (
        <IconButton icon="close" label={STRINGS.close} onClick={frame.close} />
      )}
    </header>
  );
}

function Status({ talk, subtitle }: { talk: Talk; subtitle: string | undefined }): JSX.Element {
  const { tone, text } = describe(talk, subtitle);
  return (
    <p class="status" data-tone={tone} role="status">
      <span dir="auto">{text}</span>
    </p>
  );
}

function describe(
  talk: Talk,
  subtitle: string | undefined,
): { tone: "quiet" | "live" | "busy"; text: string } {
  switch (talk.phase.value) {
    case "connecting":
      return { tone: "busy", text: STRINGS.connecting };
    case "reconnecting":
      return { tone: "busy", text: STRINGS.reconnecting };
    case "connected":
      if (!talk.agent.isPresent.value) return { tone: "busy", text: STRINGS.waiting };
      if (talk.agent.state.value === "thinking") return { tone: "live", text: STRINGS.thinking };
      if (talk.call.phase.value === "on" && talk.agent.state.value === "speaking") {
        return { tone: "live", text: STRINGS.speaking };
      }
      return { tone: "live", text: subtitle ?? STRINGS.online };
    case "idle":
    case "ended":
      return { tone: "quiet", text: subtitle ?? STRINGS.online };
  }
}

interface MenuItem {
  icon: IconName;
  label: string;
  run: () => void;
  isOff?: boolean;
  /** Of one that is on or off. */
  isOn?: boolean;
}

function Menu({ talk, frame }: Pick<HeaderProps, "talk" | "frame">): JSX.Element | null {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  useEffect(() => {
    if (!isOpen) return undefined;
    root.current?.querySelector<HTMLElement>(".menu button:enabled")?.focus();
    const onOutside = (event: Event): void => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", onOutside);
    return () => document.removeEventListener("pointerdown", onOutside);
  }, [isOpen]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!isOpen) return;
    if (event.key === "Escape") {
      // Only the menu closes, not the panel.
      event.stopPropagation();
      close();
    }
    if (root.current !== null) moveFocus(event, root.current);
  };
  // Open, it would cover what has the focus.
  const onFocusOut = ({ relatedTarget }: FocusEvent): void => {
    if (relatedTarget instanceof Node && !root.current?.contains(relatedTarget)) setOpen(false);
  };

  return (
    <div class="menu-root" ref={root} onKeyDown={onKeyDown} onFocusOut={onFocusOut}>
      <IconButton
        icon="more"
        label={STRINGS.menu}
        expanded={isOpen}
        buttonRef={button}
        onClick={() => setOpen(!isOpen)}
      />
      {isOpen && (
        <div class="menu">
          {menuItems(talk, frame).map(({ icon, label, run, isOff, isOn }) => (
            <button
              key={label}
              type="button"
              disabled={isOff}
              aria-pressed={isOn}
              onClick={() => {
                close();
                run();
              }}
            >
              <Icon name={icon} />
              {label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function menuItems(talk: Talk, frame: HeaderProps["frame"]): MenuItem[] {
  const hasTalk = talk.conversation.isOpen.value || talk.phase.value === "ended";
  const items: MenuItem[] = [
    {
      icon: "compose",
      label: STRINGS.newConversation,
      run: () => talk.newConversation(),
      isOff: !hasTalk,
    },
    {
      icon: "end",
      label: STRINGS.end,
      run: () => talk.end(),
      isOff: !talk.conversation.isOpen.value,
    },
    {
      icon: "past",
      label: STRINGS.pastTalks,
      run: () => {
        talk.pastTalks.isOpen.value = true;
      },
      isOff: !talk.pastTalks.mayBeThere || talk.gate.needsConsent.value,
    },
  ];
  for (const kind of VIDEO_KINDS) {
    if (!talk.call.vision[kind]) continue;
    const isOff = talk.call[kind].phase.value === "off";
    items.push({
      icon: kind,
      label: videoLabel(kind, isOff),
      run: () => void talk.toggleVideo(kind),
      isOff: !talk.gate.isOpen,
    });
  }
  items.push({
    icon: "sound",
    label: STRINGS.unreadSound,
    run: () => setChime(!isChimeOn.value),
    isOn: isChimeOn.value,
  });
  items.push(...ownDataItems(talk));
  if (frame?.isWide.value) {
    items.push({
      icon: frame.isExpanded ? "shrink" : "enlarge",
      label: frame.isExpanded ? STRINGS.shrink : STRINGS.enlarge,
      run: () => frame.expand(!frame.isExpanded),
    });
  }
  return items;
}

/** What is the visitor's own to take along and to take back. */
function ownDataItems({ consent, conversation, ownData, phase }: Talk): MenuItem[] {
  const hasTalk = conversation.isOpen.value || phase.value === "ended";
  const isOff = !hasTalk || !ownData.isThere;
  const save = (): void => {
    ownData.save().catch((error: unknown) => logError("The copy could not be made:", error));
  };
  const ask = (question: "erase" | "withdraw") => (): void => {
    ownData.question.value = question;
  };
  return [
    { icon: "download", label: STRINGS.exportTalk, run: save, isOff },
    { icon: "erase", label: STRINGS.eraseTalk, run: ask("erase"), isOff },
    ...(consent.given.value === undefined
      ? []
      : [{ icon: "withdraw", label: STRINGS.consentWithdraw, run: ask("withdraw") } as const]),
  ];
}

/** The arrows go around in the menu. */
function moveFocus(event: KeyboardEvent, menu: HTMLElement): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0) return;
  event.preventDefault();
  const items = [...menu.querySelectorAll<HTMLElement>(".menu button:enabled")];
  const index = items.findIndex((item) => item === document.activeElement);
  items[(index + step + items.length) % items.length]?.focus();
}
