import type { Performance } from "../../api/types";
import { Stat } from "../../parts/Stat";
import { count, number, percent } from "../../text/format";
import { hasPicksAlone, kindOf, measureOf } from "./measure";

export function Totals({ report }: { report: Performance }) {
  const { models, valued } = report.outcomes;
  const [told, worth] = [models.reduce((sum, one) => sum + one.told, 0), models.reduce((sum, one) => sum + one.worth, 0)];
  const none = report.models.reduce((sum, one) => sum + one.none, 0);
  const silent = report.requests - told - none;
  const alone = hasPicksAlone(report);
  return (
    <dl class="stats">
      <Stat name={kindOf(report) === "pick" ? "Ended in a pick" : measureOf(report, "share").name} value={percent(told / report.requests)} note={`${count(told)} lists`} />
      <Stat name="None chosen" value={percent(none / report.requests)} note={`${count(none)} lists`} />
      {alone && <Stat name="No outcome" value={percent(silent / report.requests)} note={`${count(silent)} lists, no evidence`} />}
      <Stat name={measureOf(report, "mean").name} value={number(worth / report.requests)} note={valued ? `${number(worth)} in all` : `${count(worth)} in all`} />
    </dl>
  );
}
