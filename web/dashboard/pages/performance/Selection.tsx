import type { Performance } from "../../api/types";
import { keepInAddress } from "../../state/route";
import { nameOfKind, hasPicksAlone, kindOf, measureOf, ownWay, type Way } from "./measure";

// What all charts of the page speak of. It stands in the address, and here before its figures have come.
export function Selection({ report, asked, way }: { report: Performance; asked: string; way: Way }) {
  const kind = kindOf(report);
  return (
    <div class="row">
      {!hasPicksAlone(report) && (
        <label class="beside">
          <span>What</span>
          <select value={report.targets.includes(asked) ? asked : report.outcomes.kind} onChange={(event) => keepInAddress({ kind: event.currentTarget.value, by: "" })}>
            {report.targets.map((name) => <option key={name} value={name}>{nameOfKind(name)}</option>)}
          </select>
        </label>
      )}
      <label class="beside">
        <span>As</span>
        <select value={way} onChange={(event) => keepInAddress({ by: event.currentTarget.value === ownWay(kind) ? "" : event.currentTarget.value })}>
          <option value="share">{measureOf(report, "share").name}</option>
          <option value="mean">{measureOf(report, "mean").name}</option>
        </select>
      </label>
    </div>
  );
}
