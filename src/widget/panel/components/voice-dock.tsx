import type { JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Device } from "../call.js";
import { STRINGS } from "../strings.js";
import type { Talk } from "../talk.js";
import { Icon } from "./icon.js";
import { IconButton } from "./icon-button.js";

const BARS = [0.55, 0.8, 1, 0.8, 0.55];

/** The voice half of a talk: who is heard, and the few things that a visitor can do about it. */
export function VoiceDock({ talk }: { talk: Talk }): JSX.Element | null {
  const [areDevicesOpen, setDevicesOpen] = useState(false);
  if (talk.call.phase.value === "off") return null;
  const isOpening = talk.call.phase.value === "opening";
  return (
    <section class="voice" aria-label={STRINGS.startVoice}>
      {areDevicesOpen && <Devices talk={talk} />}
      {talk.call.isPlaybackBlocked.value && (
        <button type="button" class="button primary hear" onClick={() => talk.call.hear()}>
          {STRINGS.hear}
        </button>
      )}
      <div class="voice-row">
        <Meter talk={talk} />
        <span class="voice-state">{describe(talk)}</span>
        <IconButton
          icon="sliders"
          label={STRINGS.devices}
          expanded={areDevicesOpen}
          onClick={() => setDevicesOpen(!areDevicesOpen)}
        />
        <IconButton
          icon={talk.call.isMuted.value ? "muted" : "microphone"}
          label={talk.call.isMuted.value ? STRINGS.unmute : STRINGS.mute}
          pressed={talk.call.isMuted.value}
          disabled={isOpening}
          class="mute"
          onClick={() => talk.call.toggleMute()}
        />
        <button type="button" class="button stop" onClick={() => talk.call.stop()}>
          <Icon name="keyboard" />
          <span>{STRINGS.stopVoice}</span>
        </button>
      </div>
    </section>
  );
}

function describe(talk: Talk): string {
  if (talk.phase.value === "reconnecting") return STRINGS.reconnecting;
  if (talk.call.phase.value === "opening") return STRINGS.connecting;
  if (!talk.agent.isPresent.value) return STRINGS.waiting;
  if (talk.agent.state.value === "speaking") return STRINGS.speaking;
  if (talk.agent.state.value === "thinking") return STRINGS.thinking;
  return talk.call.isMuted.value ? STRINGS.muted : STRINGS.listening;
}

/** Shows whoever is louder; drawn past the component tree, sixty times a second. */
function Meter({ talk }: { talk: Talk }): JSX.Element {
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
      for (const [index, bar] of [...(element?.children ?? [])].entries()) {
        const height = isStill.matches
          ? shown > 0.1
            ? 0.6
            : 0.2
          : 0.2 + 0.8 * shown * (BARS[index] ?? 1);
        if (bar instanceof HTMLElement) bar.style.setProperty("transform", `scaleY(${height})`);
      }
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, [talk]);
  return (
    <div class="meter" ref={root} aria-hidden="true">
      {BARS.map((_, index) => (
        <i key={index} />
      ))}
    </div>
  );
}

function Devices({ talk }: { talk: Talk }): JSX.Element {
  const [devices, setDevices] = useState<{ inputs: Device[]; outputs: Device[] }>({
    inputs: [],
    outputs: [],
  });
  useEffect(() => {
    const load = (): void => {
      talk.call.devices().then(setDevices, () => undefined);
    };
    load();
    navigator.mediaDevices?.addEventListener("devicechange", load);
    return () => navigator.mediaDevices?.removeEventListener("devicechange", load);
  }, [talk]);
  return (
    <div class="devices">
      <DeviceChoice
        label={STRINGS.microphone}
        devices={devices.inputs}
        chosen={talk.call.microphoneId}
        choose={(id) => talk.call.useMicrophone(id)}
      />
      {devices.outputs.length > 0 && (
        <DeviceChoice
          label={STRINGS.speaker}
          devices={devices.outputs}
          chosen={talk.call.speakerId.value}
          choose={(id) => talk.call.useSpeaker(id)}
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
  const onChange = (event: { currentTarget: HTMLSelectElement }): void => {
    choose(event.currentTarget.value).then(
      () => setRefused(false),
      () => setRefused(true),
    );
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={chosen} onChange={onChange}>
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
