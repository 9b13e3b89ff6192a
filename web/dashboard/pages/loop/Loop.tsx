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

const kEvery = 15_000;

// What the stream says of trainings and the registry: when it changes, they are read again at once.
function turns(report: LoopReport | undefined): string {
  const of = (to: string) => report?.arrows.find((arrow) => arrow.to === to);
  return [of("trained")?.health, of("gated")?.says, of("promoted")?.says].join();
}

// The picture lives from the server's stream; what trainings and the registry say comes more seldom.
export function Loop() {
  const flow = useStream<LoopReport>("/monitoring/loop/events", "/monitoring/loop");
  const loop = usePoll(readLoop, [], kEvery, turns(flow.value));
  const paces = usePaces(flow.fresh ? flow.value : undefined);
  return (
    <Loaded of={loop} room={60}>
      {(value) => {
        if (!flow.value) return flow.error ? <Failure error={flow.error} /> : <p class="loading" role="status" style={{ minHeight: "60rem" }}>Loading …</p>;
        return (
          <>
            <NextPromotion loop={value} report={flow.value} />
            <Cycle stations={stationsOf(value, flow.value)} arrows={flow.value.arrows} champion={value.champion} live={flow.fresh} />
            <Worries arrows={flow.value.arrows} />
            <Card title="Pace" note="Events a second, since this page was opened">
              <Pace paces={paces} loop={value} />
            </Card>
          </>
        );
      }}
    </Loaded>
  );
}
