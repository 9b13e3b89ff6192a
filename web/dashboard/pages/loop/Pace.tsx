import { Chart } from "../../charts/Chart";
import { AskHint } from "../../parts/AskHint";
import { Empty } from "../../parts/Empty";
import { number } from "../../text/format";
import type { LoopState } from "./readLoop";
import type { Paces } from "./usePaces";

export function Pace({ paces, loop }: { paces: Paces; loop: LoopState }) {
  if (paces.times.length < 2) return <p class="note pace-room">The first seconds are being counted …</p>;
  if (!paces.requests.some((pace) => pace > 0)) {
    return <div class="pace-room"><Empty title="Nobody asks right now"><AskHint system={loop.system} items={loop.items} /></Empty></div>;
  }
  return (
    <Chart label="Requests, rankings and outcomes a second" x={paces.times} xTime unit={number}
      lines={[
        { name: "requests", colour: "--accent", values: paces.requests },
        { name: "ranked", colour: "--third", values: paces.scored },
        { name: "picked or none", colour: "--second", values: paces.outcomes },
      ]} />
  );
}
