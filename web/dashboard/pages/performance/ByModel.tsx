import type { Performance } from "../../api/types";
import { RateBand } from "../../charts/RateBand";
import { scaleOf } from "../../charts/scaleOf";
import { count, percent } from "../../text/format";
import { measureOf, type Measure } from "./measure";

interface Props {
  report: Performance;
  measure: Measure;
  nameOf: (id: number | null) => string;
}

// The figure that is asked about with its band, and the other one beside it.
export function ByModel({ report, measure, nameOf }: Props) {
  const { models } = report.outcomes;
  const scale = scaleOf(models.map(measure.band), measure.way === "share");
  const other = measureOf(report, measure.way === "share" ? "mean" : "share");
  const none = new Map(report.models.map((model) => [model.model_id, model.none]));
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of outcomes by model">
      <table>
        <thead>
          <tr>
            <th scope="col">Model</th><th scope="col">{measure.name}</th><th scope="col" class="num">{other.name}</th>
            <th scope="col" class="num">None chosen</th><th scope="col" class="num">Lists</th>
          </tr>
        </thead>
        <tbody>
          {[...models].reverse().map((model) => {
            const [beside, band] = [other.of(model), other.band(model)];
            return (
              <tr key={model.model_id}>
                <th scope="row">{model.model_id === null ? nameOf(null) : <a href={`#/models/${model.model_id}`}>{nameOf(model.model_id)}</a>}</th>
                <td><RateBand rate={measure.of(model)} band={measure.band(model)} scale={scale} unit={measure.unit} /></td>
                <td class="num">
                  {beside === null ? "–" : other.unit(beside)}
                  {band && <small class="under">{other.unit(band[0])} to {other.unit(band[1])}</small>}
                </td>
                <td class="num">{percent((none.get(model.model_id) ?? 0) / model.shown)}</td>
                <td class="num">{count(model.shown)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
