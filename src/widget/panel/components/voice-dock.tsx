import type { JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Device } from "../call.js";
import { STRINGS } from "../strings.js";
import type { Talk } from "../talk.js";
import { PAST, type MessageEntry } from "../transcript.js";
import { Icon } from "./icon.js";
import { IconButton } from "./icon-button.js";
import { Previews, VideoButtons } from "./video-buttons.js";

const MAX_CAPTIONS = 2;

/** The voice half of a talk: who is heard, what they say, and the few things that a visitor can do about it. */
export function VoiceDock({ talk }: { talk: Talk }): JSX.Element | null {
  const [areDevicesOpen, setDevicesOpen] = useState(false);
  const { call } = talk;
  if (call.phase.value === "off") return <Shown talk={talk} />;
  return (
    <section class="voice" aria-label={STRINGS.call} data-muted={call.isMuted.value}>
      <div class="voice-stage" data-state={stateOf(talk)}>
        <Orb talk={talk} />
        <p class="voice-state">{STRINGS[stateOf(talk)]}</p>
        {call.since.value !== undefined && <Timer since={call.since.value} />}
      </div>
      <Previews talk={talk} />
      <Captions talk={talk} />
      {areDevicesOpen && <Devices talk={talk} />}
      {call.isPlaybackBlocked.value && (
        <button type="button" class="button primary hear" onClick={() => call.hear()}>
          {STRINGS.hear}
        </button>
      )}
      <div class="voice-row">
        <IconButton
          icon={call.isMuted.value ? "muted" : "microphone"}
          label={call.isMuted.value ? STRINGS.unmute : STRINGS.mute}
          isOn={call.isMuted.value}
          disabled={call.phase.value === "opening"}
          class="mute"
          onClick={() => call.toggleMute()}
        />
        <VideoButtons talk={talk} />
        <IconButton
          icon="sliders"
          label={STRINGS.devices}
          class="devices-button"
          expanded={areDevicesOpen}
          onClick={() => setDevicesOpen(!areDevicesOpen)}
        />
        <button type="button" class="button stop" onClick={() => call.stop()}>
          <Icon name="keyboard" />
          <span>{STRINGS.stopVoice}</span>
        </button>
      </div>
    </section>
  );
}

/** Who writes may show something too. */
function Shown({ talk }: { talk: Talk }): JSX.Element | null {
  const { camera, screen } = talk.call;
  if (camera.phase.value === "off" && screen.phase.value === "off") return null;
  return (
    <section class="voice shown" aria-label={STRINGS.camera}>
      <Previews talk={talk} />
      <div class="voice-row">
        <VideoButtons talk={talk} />
      </div>
    </section>
  );
}

/** Also the name of what is said of it. */
type VoiceState =
  | "reconnecting"
  | "connecting"
  | "waiting"
  | "speaking"
  | "thinking"
  | "muted"
  | "listening";

function stateOf({ phase, call, agent }: Talk): VoiceState {
  if (phase.value === "reconnecting") return "reconnecting";
  // Another device takes the place of the one that went.
  if (call.phase.value === "opening" || call.hearing === "none") return "connecting";
  if (!agent.isPresent.value) return "waiting";
  if (agent.state.value === "speaking" || agent.state.value === "thinking")
    return agent.state.value;
  return call.hearing === "muted" ? "muted" : "listening";
}

/** For the eye: the transcript below says the same to a screen reader, and keeps it. */
function Captions({ talk }: { talk: Talk }): JSX.Element {
  const spoken = talk.transcript.entries.value.filter(
    (entry): entry is MessageEntry =>
      entry.kind === "message" && entry.mode === "voice" && !entry.id.startsWith(PAST),
  );
  return (
    <div class="captions" aria-hidden="true">
      {spoken.slice(-MAX_CAPTIONS).map((entry) => (
        <Caption key={entry.id} entry={entry} />
      ))}
    </div>
  );
}

function Caption({ entry }: { entry: MessageEntry }): JSX.Element {
  return (
    <p class={`caption ${entry.role}`} data-state={entry.state.value}>
      <b>{entry.role === "user" ? STRINGS.you : STRINGS.agent}</b>{" "}
      <span dir="auto">{entry.text.value}</span>
    </p>
  );
}

function Timer({ since }: { since: number }): JSX.Element {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.floor((now - since) / 1000));
  const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return (
    <time class="voice-time" role="timer" dateTime={`PT${seconds}S`} dir="ltr">
      {text}
    </time>
  );
}

/** Grows with whoever is louder; drawn past the component tree, sixty times a second. */
function Orb({ talk }: { talk: Talk }): JSX.Element {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const isStill = matchMedia("(prefers-reduced-motion: reduce)");
    let frame = 0;
    let shown = 0;
    const draw = (): void => {
      const { own, agent } = talk.call.levels();
      const level = Math.min(1, Math.max(own, agent) * 2.2);
      // Quick to rise, slow to fall.
      shown = Math.max(level, shown * 0.88);
      const element = root.current;
      element?.setAttribute("data-speaker", agent > own ? "agent" : "user");
      // Without motion it tells who is heard, not how loud.
      const size = isStill.matches ? (shown > 0.1 ? 0.6 : 0) : shown;
      element?.style.setProperty("--level", size.toFixed(3));
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, [talk]);
  return <div class="orb" ref={root} aria-hidden="true" />;
}

function Devices({ talk }: { talk: Talk }): JSX.Element {
  const { call } = talk;
  const [devices, setDevices] = useState<Partial<Record<MediaDeviceKind, Device[]>>>({});
  useEffect(() => {
    const load = (): void => {
      call.devices().then(setDevices, () => undefined);
    };
    load();
    navigator.mediaDevices?.addEventListener("devicechange", load);
    return () => navigator.mediaDevices?.removeEventListener("devicechange", load);
  }, [call]);
  const { audioinput = [], audiooutput = [], videoinput = [] } = devices;
  return (
    <div class="devices">
      <DeviceChoice
        label={STRINGS.microphone}
        devices={audioinput}
        chosen={call.microphoneId}
        choose={(id) => call.useMicrophone(id)}
      />
      {audiooutput.length > 0 && (
        <DeviceChoice
          label={STRINGS.speaker}
          devices={audiooutput}
          chosen={call.speakerId.value}
          choose={(id) => call.useSpeaker(id)}
        />
      )}
      {call.camera.phase.value === "on" && (
        <DeviceChoice
          label={STRINGS.camera}
          devices={videoinput}
          chosen={call.camera.deviceId}
          choose={(id) => call.camera.use(id)}
        />
      )}
    </div>
  );
}

function DeviceChoice({
  label,
  devices,
  chosen,
  choose,
}: {
  label: string;
  devices: Device[];
  chosen: string | undefined;
  choose: (id: string) => Promise<void>;
}): JSX.Element {
  const id = useId();
  const [isRefused, setRefused] = useState(false);
  // Browsers that do not say which one it is list it first.
  const open = devices.find((device) => device.id === chosen) ?? devices[0];
  const onChange = (event: { currentTarget: HTMLSelectElement }): void => {
    choose(event.currentTarget.value).then(
      () => setRefused(false),
      () => setRefused(true),
    );
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={open?.id} onChange={onChange}>
        {devices.map((device) => (
          <option key={device.id} value={device.id}>
            {device.label === "" ? STRINGS.defaultDevice : device.label}
          </option>
        ))}
      </select>
      {isRefused && (
        <span class="problem" role="alert">
          {STRINGS.deviceRefused}
        </span>
      )}
    </div>
  );
}
