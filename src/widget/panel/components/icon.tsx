import type { JSX } from "preact";

const PATHS = {
  close: "M6.5 6.5l11 11M17.5 6.5l-11 11",
  down: "M6 9.5l6 6 6-6",
  forward: "M5 12h13.5M13 6.5l5.5 5.5-5.5 5.5",
  next: "M9.5 6l6 6-6 6",
  previous: "M14.5 6l-6 6 6 6",
  copy: "M9 9h10v11H9ZM15 9V5H5v11h4",
  sound: "M12 4a5 5 0 0 1 5 5v4l2 3.5H5L7 13V9a5 5 0 0 1 5-5ZM10 19.5a2.2 2.2 0 0 0 4 0",
  more: "M5.6 12a.7.7 0 1 0 0-.01M11.3 12a.7.7 0 1 0 0-.01M17 12a.7.7 0 1 0 0-.01",
  send: "M12 19V5.5M6 11l6-6 6 6",
  microphone:
    "M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3ZM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3",
  muted:
    "M9 9v2.5a3 3 0 0 0 4.6 2.5M15 10.5v-4a3 3 0 0 0-5.7-1.3M5.5 11.5a6.5 6.5 0 0 0 10.2 5.3M18.3 13a6.5 6.5 0 0 0 .2-1.5M12 18v3M4 4l16 16",
  sliders: "M4 8h9M17 8h3M4 16h3M11 16h9M15 8a2 2 0 1 0 0-.01M9 16a2 2 0 1 0 0-.01",
  camera: "M4 7.5h10.5v9H4ZM14.5 11l5.5-3v8l-5.5-3",
  screen: "M4 5.5h16v10.5H4ZM9 19.5h6M12 16v3.5M12 13V8.5M9.8 10.5L12 8.3l2.2 2.2",
  keyboard: "M4 7h16v10H4ZM8 10.5h.01M12 10.5h.01M16 10.5h.01M8.5 14h7",
  compose:
    "M12.5 5H6.5A1.5 1.5 0 0 0 5 6.5v11A1.5 1.5 0 0 0 6.5 19h11a1.5 1.5 0 0 0 1.5-1.5v-6M18 4l2 2-7.5 7.5-2.8.8.8-2.8Z",
  end: "M5 5h14v14H5Z",
  past: "M12 7.5V12l3 2M4.5 9.5A8 8 0 1 1 4 12M4 5v4.5h4.5",
  enlarge: "M13.5 5H19v5.5M19 5l-6 6M10.5 19H5v-5.5M5 19l6-6",
  shrink: "M19 10.5h-5.5V5M13.5 10.5l6-6M5 13.5h5.5V19M10.5 13.5l-6 6",
  download: "M12 4.5v10M7.5 10.5l4.5 4.5 4.5-4.5M5 19h14",
  erase: "M5 7h14M9.5 7V4.5h5V7M7 7l1 12.5h8L17 7M10.5 10.5v5.5M13.5 10.5v5.5",
  withdraw: "M12 3.5a8.5 8.5 0 1 0 .01 0M6 6l12 12",
  check: "M5.5 12.5l4.5 4.5 8.5-9.5",
  alert: "M12 8v5M12 16.2h.01M12 3.8l9 16H3Z",
  failed: "M12 3.5a8.5 8.5 0 1 0 .01 0M9 9l6 6M15 9l-6 6",
  info: "M12 11v5.5M12 7.8h.01M12 3.5a8.5 8.5 0 1 0 .01 0",
  external: "M14 5h5v5M19 5l-8 8M17 14v4.5H5.5V7H10",
  star: "M12 4l2.5 5.2 5.7.8-4.1 4 1 5.6-5.1-2.7-5.1 2.7 1-5.6-4.1-4 5.7-.8Z",
} as const;

export type IconName = keyof typeof PATHS;

/** Where reading goes from right to left these point the other way. */
const TURNING: readonly IconName[] = ["forward", "next", "previous"];

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg
      class={TURNING.includes(name) ? "icon turns" : "icon"}
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
