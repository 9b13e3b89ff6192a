import type { Outcomes } from "../../api/types";
import { RateBand } from "../../charts/RateBand";
import { scaleOf } from "../../charts/scaleOf";
import { count, number, percent } from "../../text/format";

interface Props {
  models: Outcomes[];
  nameOf: (id: number | null) => string;
}

export function ByModel({ models, nameOf }: Props) {
  const scale = scaleOf(models.map((model) => model.pick_rate_ci));
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of outcomes by model">
      <table>
        <thead>
          <tr>
            <th scope="col">Model</th><th scope="col">Pick rate</th><th scope="col" class="num">Value of a list</th>
            <th scope="col" class="num">None chosen</th><th scope="col" class="num">Lists</th>
          </tr>
        </thead>
        <tbody>
          {[...models].reverse().map((model) => (
            <tr key={model.model_id}>
              <th scope="row">{model.model_id === null ? nameOf(null) : <a href={`#/models/${model.model_id}`}>{nameOf(model.model_id)}</a>}</th>
              <td><RateBand rate={model.pick_rate} band={model.pick_rate_ci} scale={scale} /></td>
              <td class="num">
                {number(model.mean_value)}
                {model.mean_value_ci && <small class="under">{number(model.mean_value_ci[0])} to {number(model.mean_value_ci[1])}</small>}
              </td>
              <td class="num">{percent(model.none / model.shown)}</td>
              <td class="num">{count(model.shown)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
