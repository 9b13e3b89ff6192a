import type { ItemId } from "../../api/types";
import { Badge } from "../../parts/Badge";
import { number, value, words } from "../../text/format";
import type { Ranked } from "./readInspection";

interface Props {
  ranking: Ranked[];
  chosen: ItemId;
  choose: (item: ItemId) => void;
}

// What is true of an item, and its numbers, in few words.
function summary(fields: Record<string, unknown>): string {
  return Object.entries(fields).filter(([name, field]) => name !== "score" && typeof field === "boolean" && field)
    .map(([name]) => words(name)).join(", ") || Object.entries(fields).slice(2, 6).map(([name, field]) => `${words(name)} ${value(field)}`).join(", ");
}

export function Ranking({ ranking, chosen, choose }: Props) {
  return (
    <div class="scroll tall" tabIndex={0} role="region" aria-label="The ranking">
      <table>
        <thead>
          <tr><th scope="col" class="num">Rank</th><th scope="col">Item</th><th scope="col" class="num">Score</th><th scope="col">Became of it</th><th scope="col">Has</th></tr>
        </thead>
        <tbody>
          {ranking.map(({ row, item, fields }, index) => (
            <tr key={item} class={item === chosen ? "chosen" : ""}>
              <td class="num">{index + 1}</td>
              <th scope="row">
                <button type="button" class="link" aria-pressed={item === chosen} onClick={() => choose(item)}>{item}</button>
              </th>
              <td class="num">{number(row.score)}</td>
              <td>{row.label === 1 ? <Badge tone="good">picked</Badge> : row.shown ? <Badge>shown</Badge> : null}</td>
              <td class="quiet-text wrap">{summary(fields)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
