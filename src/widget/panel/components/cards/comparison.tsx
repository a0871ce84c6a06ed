import type { JSX } from "preact";
import type { Card } from "../../card.js";
import { Picture, Title } from "./parts.js";

type Comparison = Extract<Card, { type: "comparison" }>;

export function ComparisonCard({ card }: { card: Comparison }): JSX.Element {
  return (
    <>
      <Title text={card.title} />
      <div
        class="table"
        tabIndex={0}
        role="group"
        aria-label={card.title ?? card.items.map(({ name }) => name).join(", ")}
      >
        <table>
          <thead>
            <tr>
              <td />
              {card.items.map((column, index) => (
                <th key={index} scope="col">
                  <Picture url={column.image_url} />
                  {column.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {card.rows.map((row, index) => (
              <tr key={index}>
                <th scope="row">{row.label}</th>
                {card.items.map((_, column) => (
                  <td key={column}>{row.values[column] ?? ""}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
