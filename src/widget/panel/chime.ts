import { signal } from "@preact/signals";
import { readStored, removeStored, writeStored } from "../storage.js";

/** The visitor's own choice, for every widget of this platform; quiet until they make it. */
const KEY = "parley-sound";
/** Two short notes, in hertz. */
const NOTES = [660, 880];
const NOTE_SECONDS = 0.12;
const LOUDNESS = 0.08;

export const isChimeOn = signal(readStored("localStorage", KEY) !== undefined);

export function setChime(on: boolean): void {
  isChimeOn.value = on;
  if (on) {
    writeStored("localStorage", KEY, "on");
    chime();
  } else removeStored("localStorage", KEY);
}

/** Something came that nobody sees. Before the visitor has done anything here a browser plays nothing. */
export function chime(): void {
  if (!isChimeOn.value || navigator.userActivation?.hasBeenActive === false) return;
  const context = new AudioContext();
  const gain = context.createGain();
  const end = context.currentTime + NOTES.length * NOTE_SECONDS;
  gain.connect(context.destination);
  gain.gain.setValueAtTime(LOUDNESS, context.currentTime);
  gain.gain.exponentialRampToValueAtTime(0.0001, end);
  for (const [index, note] of NOTES.entries()) {
    const tone = context.createOscillator();
    tone.frequency.value = note;
    tone.connect(gain);
    tone.start(context.currentTime + index * NOTE_SECONDS);
    tone.stop(context.currentTime + (index + 1) * NOTE_SECONDS);
    if (index === NOTES.length - 1) tone.addEventListener("ended", () => void context.close());
  }
}
