import { useEffect, useState } from "preact/hooks";
import { get } from "../../api/client";
import type { Model, ModelEvent, Performance as Report } from "../../api/types";
import { Card } from "../../parts/Card";
import { Empty } from "../../parts/Empty";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import { clock, count } from "../../text/format";
import type { PageProps } from "../props";
import { ByKind } from "./ByKind";
import { ByModel } from "./ByModel";
import { ByPosition } from "./ByPosition";
import { hasOtherKinds } from "./hasOtherKinds";
import { kindOf, measureOf, ownWay, type Way } from "./measure";
import { OverTime } from "./OverTime";
import { PositionBias } from "./PositionBias";
import { Selection } from "./Selection";
import { Totals } from "./Totals";

const kEvery = 15_000;

async function read(kind: string) {
  const asked = kind === "" ? "" : `?kind=${encodeURIComponent(kind)}`;
  const [report, models, history] = await Promise.all([
    get<Report>(`/monitoring/performance${asked}`), get<Model[]>("/models"), get<ModelEvent[]>("/models/history?limit=200"),
  ]);
  const names = new Map(models.map((model) => [model.model_id, `${model.family} ${model.model_id}`]));
  return { report, history, nameOf: (id: number | null) => id === null ? "random order" : names.get(id) ?? `model ${id}` };
}

// Another kind's figures come in place of those that are there, which stay until then.
function useReport(kind: string) {
  const performance = usePoll(() => read(kind), [kind], kEvery);
  const [last, setLast] = useState(performance.value);
  useEffect(() => { if (performance.value) setLast(performance.value); }, [performance.value]);
  return { ...performance, value: performance.value ?? (performance.error ? undefined : last) };
}

export function Performance({ query }: PageProps) {
  const kind = query.get("kind") ?? "";
  const performance = useReport(kind);
  return (
    <Loaded of={performance} room={90}>
      {({ report, history, nameOf }) => {
        if (report.requests === 0) {
          return <Empty title="Nothing was shown yet"><a href="#/try">Ask for a ranking</a>; what is picked from it is counted here.</Empty>;
        }
        const by = query.get("by");
        const way: Way = by === "share" || by === "mean" ? by : ownWay(kindOf(report));
        const measure = measureOf(report, way);
        return (
          <>
            <Card title={`The newest ${count(report.requests)} lists`} note={`Shown from ${clock(report.from!)} to ${clock(report.until!)}`}
              action={<Selection report={report} asked={kind} way={way} />}>
              <Totals report={report} />
            </Card>
            <Card title="Over time" note={`${measure.says}, with 95 % bands; upright lines are promotions`}>
              <OverTime report={report} measure={measure} history={history} nameOf={nameOf} />
            </Card>
            <Card title="By model" note={`${measure.says}, with 95 % bands: where they overlap much, the difference may be chance`}>
              <ByModel report={report} measure={measure} nameOf={nameOf} />
            </Card>
            <Card title="By position" note={way === "share" ? "Of the lists that showed a position, those of which its item was told so" : "What a show of an item at this position came to"}>
              <ByPosition report={report} measure={measure} />
            </Card>
            {hasOtherKinds(report) && (
              <Card title="By kind of feedback" note="What was told of each model's lists; the domain file says what each kind is worth">
                <ByKind report={report} nameOf={nameOf} />
              </Card>
            )}
            <PositionBias report={report} />
          </>
        );
      }}
    </Loaded>
  );
}
