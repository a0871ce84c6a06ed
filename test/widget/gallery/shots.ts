import type { Look } from "./support.js";

/** One picture that is kept: a state, and how it is looked at. */
export interface Shot {
  readonly name: string;
  readonly state: string;
  readonly look: Look;
}

const LOOKS = {
  light: {},
  dark: { theme: "dark" },
  rtl: { lang: "ar" },
  phone: { width: 360, height: 640 },
  zoomed: { width: 320, height: 256 },
} as const satisfies Record<string, Look>;

const STATES: Readonly<Record<keyof typeof LOOKS, readonly string[]>> = {
  light: [
    "loading",
    "empty",
    "empty-plain",
    "empty-logo",
    "consent",
    "consent-declined",
    "connecting",
    "greeted",
    "streaming",
    "transcript",
    "transcript-code",
    "past",
    "past-talks",
    "scrolled",
    "not-sent",
    "card-detail",
    "card-carousel",
    "card-list",
    "card-info",
    "card-action-grid",
    "card-collect-otp",
    "card-collect-phone",
    "card-order-tracker",
    "card-comparison",
    "card-chosen",
    "card-collected",
    "form",
    "form-invalid",
    "form-done",
    "pre-form",
    "no-microphone",
    "ended",
    "feedback",
    "thanks",
    "menu",
    "voice-listening",
    "voice-speaking",
    "voice-devices",
    "voice-camera",
    "screen-shared",
    "site-launchers",
  ],
  dark: ["empty", "transcript", "card-carousel", "form-invalid", "voice-speaking", "feedback"],
  rtl: ["empty", "transcript", "card-carousel", "form-invalid", "voice-speaking"],
  phone: ["empty", "transcript", "voice-listening", "site-open"],
  zoomed: ["empty", "transcript", "pre-form-invalid", "voice-listening"],
};

/** At most 60, so that the repository stays small and CI quick. */
export const SHOTS: readonly Shot[] = Object.entries(STATES).flatMap(([look, states]) =>
  states.map((state) => ({
    name: `${state}.${look}`,
    state,
    // The keys of both tables are the same.
    look: LOOKS[look as keyof typeof LOOKS],
  })),
);
