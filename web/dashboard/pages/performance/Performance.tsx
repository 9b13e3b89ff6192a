import { get } from "../../api/client";
import type { Model, ModelEvent, Performance as Report } from "../../api/types";
import { Card } from "../../parts/Card";
import { Empty } from "../../parts/Empty";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import { clock, count } from "../../text/format";
import { ByKind } from "./ByKind";
import { ByModel } from "./ByModel";
import { ByPosition } from "./ByPosition";
import { hasOtherKinds } from "./hasOtherKinds";
import { OverTime } from "./OverTime";
import { PositionBias } from "./PositionBias";
import { Totals } from "./Totals";

const kEvery = 15_000;

async function read() {
  const [report, models, history] = await Promise.all([
    get<Report>("/monitoring/performance"), get<Model[]>("/models"), get<ModelEvent[]>("/models/history?limit=200"),
  ]);
  const names = new Map(models.map((model) => [model.model_id, `${model.family} ${model.model_id}`]));
  return { report, history, nameOf: (id: number | null) => id === null ? "random order" : names.get(id) ?? `model ${id}` };
}

export function Performance() {
  const performance = usePoll(read, [], kEvery);
  return (
    <Loaded of={performance} room={90}>
      {({ report, history, nameOf }) => {
        if (report.requests === 0) {
          return <Empty title="Nothing was shown yet"><a href="#/try">Ask for a ranking</a>; what is picked from it is counted here.</Empty>;
        }
        return (
          <>
            <Card title={`The newest ${count(report.requests)} lists`} note={`Shown from ${clock(report.from!)} to ${clock(report.until!)}`}>
              <Totals report={report} />
            </Card>
            <Card title="Over time" note="The share of lists that end in a pick, with 95 % bands; upright lines are promotions">
              <OverTime report={report} history={history} nameOf={nameOf} />
            </Card>
            <Card title="By model" note="With 95 % bands: where they overlap much, the difference may be chance">
              <ByModel models={report.models} nameOf={nameOf} />
            </Card>
            <Card title="By position" note="Of the lists that showed a position, those it was picked from">
              <ByPosition positions={report.positions} />
            </Card>
            {hasOtherKinds(report) && (
              <Card title="By kind of feedback" note="What was told of each model's lists; the domain file says what each kind is worth">
                <ByKind report={report} nameOf={nameOf} />
              </Card>
            )}
            <PositionBias report={report} every={kEvery} />
          </>
        );
      }}
    </Loaded>
  );
}
