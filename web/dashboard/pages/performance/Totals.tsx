import type { Outcomes, Performance } from "../../api/types";
import { Stat } from "../../parts/Stat";
import { count, number, percent } from "../../text/format";
import { hasOtherKinds } from "./hasOtherKinds";

export function Totals({ report }: { report: Performance }) {
  const sum = (of: (model: Outcomes) => number) => report.models.reduce((total, model) => total + of(model), 0);
  const [picked, none, value] = [sum((model) => model.picked), sum((model) => model.none), sum((model) => model.value)];
  const silent = report.requests - picked - none;
  return (
    <dl class="stats">
      <Stat name="Ended in a pick" value={percent(picked / report.requests)} note={`${count(picked)} lists`} />
      <Stat name="None chosen" value={percent(none / report.requests)} note={`${count(none)} lists`} />
      {hasOtherKinds(report)
        ? <Stat name="Neither" value={percent(silent / report.requests)} note={`${count(silent)} lists; other kinds stand below`} />
        : <Stat name="No outcome" value={percent(silent / report.requests)} note={`${count(silent)} lists, no evidence`} />}
      <Stat name="Value of a list" value={number(value / report.requests)} note={`${number(value)} in all`} />
    </dl>
  );
}
