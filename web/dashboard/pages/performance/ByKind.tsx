import type { Performance } from "../../api/types";
import { count, number, percent } from "../../text/format";

interface Props {
  report: Performance;
  nameOf: (id: number | null) => string;
}

// What was told of each model's lists: every kind of feedback, how often and what it was worth.
export function ByKind({ report, nameOf }: Props) {
  const shown = new Map(report.models.map((model) => [model.model_id, model.shown]));
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of feedback by kind">
      <table class="kinds">
        <thead>
          <tr>
            <th scope="col">Kind</th><th scope="col">Model</th><th scope="col" class="num">Of its lists</th>
            <th scope="col" class="num">Items</th><th scope="col" class="num">Mean position</th><th scope="col" class="num">Value</th>
          </tr>
        </thead>
        <tbody>
          {report.feedback.map((told) => (
            <tr key={`${told.kind} ${told.model_id}`}>
              <th scope="row">{told.kind}</th>
              <td>{nameOf(told.model_id)}</td>
              <td class="num">{percent(told.requests / (shown.get(told.model_id) ?? told.requests))}</td>
              <td class="num">{told.items > 0 ? count(told.items) : "–"}</td>
              <td class="num">{number(meanPosition(told.positions))}</td>
              <td class="num">{told.value === told.items ? "–" : number(told.value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function meanPosition(positions: number[]): number | null {
  const all = positions.reduce((sum, items) => sum + items, 0);
  return all === 0 ? null : positions.reduce((sum, items, index) => sum + items * (index + 1), 0) / all;
}
