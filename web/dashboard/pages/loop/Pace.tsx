import { Chart } from "../../charts/Chart";
import { Empty } from "../../parts/Empty";
import { number } from "../../text/format";
import type { Paces } from "./usePaces";

export function Pace({ paces, demo }: { paces: Paces; demo: boolean }) {
  if (paces.times.length < 2) return <p class="note">The first seconds are being counted …</p>;
  if (!paces.requests.some((pace) => pace > 0)) {
    return (
      <Empty title="Nobody asks right now">
        {demo
          ? <><a href="#/try">Ask yourself, or let simulated guests come</a>.</>
          : <><a href="#/try">Ask yourself</a>, or send guests: <code>rankloop simulate traffic --url {location.origin}</code></>}
      </Empty>
    );
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
