import type { LoopReport } from "../../api/types";
import { Card } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import { useStream } from "../../state/useStream";
import { Cycle } from "./Cycle";
import { NextPromotion } from "./NextPromotion";
import { Pace } from "./Pace";
import { Worries } from "./Worries";
import { readLoop } from "./readLoop";
import { stationsOf } from "./stations";
import { usePaces } from "./usePaces";

const kEvery = 5000;

// The picture lives from the server's stream; what trainings and the registry say comes more seldom.
export function Loop() {
  const loop = usePoll(readLoop, [], kEvery);
  const flow = useStream<LoopReport>("/monitoring/loop/events");
  const paces = usePaces(flow.value);
  return (
    <Loaded of={loop}>
      {(value) => (
        <>
          <NextPromotion loop={value} report={flow.value} />
          {!flow.value && flow.error && <Failure error={flow.error} />}
          {flow.value && <Cycle stations={stationsOf(value, flow.value)} arrows={flow.value.arrows} champion={value.champion} />}
          {flow.value && <Worries arrows={flow.value.arrows} />}
          <Card title="Pace" note="Events a second, since this page was opened">
            <Pace paces={paces} demo={value.system.demo} />
          </Card>
        </>
      )}
    </Loaded>
  );
}
