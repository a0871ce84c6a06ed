import { useState } from "preact/hooks";
import type { JSX } from "preact";
import type { State } from "./state.js";

const SIZES = {
  panel: [400, 680],
  phone: [360, 640],
  "400 %": [320, 256],
} as const;

/** Every state beside the others, in the look that is chosen. */
export function Index({ states }: { states: readonly State[] }): JSX.Element {
  const [theme, setTheme] = useState("light");
  const [dir, setDir] = useState("ltr");
  const [size, setSize] = useState<keyof typeof SIZES>("panel");
  const [width, height] = SIZES[size];
  return (
    <div class="gallery">
      <nav>
        <Choice label="Theme" options={["light", "dark"]} value={theme} choose={setTheme} />
        <Choice label="Direction" options={["ltr", "rtl"]} value={dir} choose={setDir} />
        <Choice
          label="Size"
          options={["panel", "phone", "400 %"]}
          value={size}
          choose={(value) => setSize(value as keyof typeof SIZES)}
        />
      </nav>
      <ul>
        {states.map(({ name }) => (
          <li key={name}>
            <h2>
              <a href={`?state=${name}&theme=${theme}&dir=${dir}`}>{name}</a>
            </h2>
            <iframe
              title={name}
              loading="lazy"
              width={width}
              height={height}
              src={`?state=${name}&theme=${theme}&dir=${dir}`}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Choice({
  label,
  options,
  value,
  choose,
}: {
  label: string;
  options: readonly string[];
  value: string;
  choose: (value: string) => void;
}): JSX.Element {
  return (
    <label>
      {label}{" "}
      <select value={value} onChange={(event) => choose(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    </label>
  );
}
