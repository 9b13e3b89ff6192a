import type { Performance } from "../../api/types";
import { RateBand } from "../../charts/RateBand";
import { scaleOf } from "../../charts/scaleOf";
import { count, number } from "../../text/format";
import { kindOf, type Measure } from "./measure";

// "pick rates": what the table is of, for those who hear it.
function tableName(kind: string, measure: Measure): string {
  return kind === "pick" && measure.way === "share" ? "pick rates" : measure.name;
}

// What was told of the items at each position, of all its shows.
export function ByPosition({ report, measure }: { report: Performance; measure: Measure }) {
  const { positions, valued } = report.outcomes;
  const kind = kindOf(report);
  const scale = scaleOf(positions.map(measure.band), measure.way === "share");
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={`Table of ${tableName(kind, measure)} by position`}>
      <table class="close">
        <thead>
          <tr>
            <th scope="col" class="num">Position</th><th scope="col">{kind === "pick" && measure.way === "share" ? "Picked" : measure.way === "share" ? "Share of its shows" : "Worth of a show"}</th>
            <th scope="col" class="num">{kind === "pick" ? "Picks" : "Told"}</th>{valued && kind !== "pick" && <th scope="col" class="num">Worth</th>}
            <th scope="col" class="num">Shown</th>
          </tr>
        </thead>
        <tbody>
          {positions.map((one) => (
            <tr key={one.position}>
              <th scope="row" class="num">{one.position}</th>
              <td class="wide-band"><RateBand rate={measure.of(one)} band={measure.band(one)} scale={scale} unit={measure.unit} wide /></td>
              <td class="num">{count(one.told)}</td>
              {valued && kind !== "pick" && <td class="num">{number(one.worth)}</td>}
              <td class="num">{count(one.shown)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
