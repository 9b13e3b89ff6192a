import { Chart } from "../../charts/Chart";
import { Empty } from "../../parts/Empty";
import { number } from "../../text/format";
import type { Paces } from "./usePaces";

export function Pace({ paces }: { paces: Paces }) {
  const quiet = !paces.requests.some((pace) => pace !== null && pace > 0);
  if (paces.times.length < 3) return <p class="loading">The first seconds are being counted …</p>;
  if (quiet) {
    return (
      <Empty title="Nobody asks right now">
        <a href="#/try">Ask yourself</a>, or send guests: <code>rankloop simulate traffic --url {location.origin}</code>
      </Empty>
    );
  }
  return (
    <Chart label="Requests, picks and none chosen a second" x={paces.times} xTime unit={number}
      lines={[
        { name: "requests", colour: "--accent", values: paces.requests },
        { name: "picks", colour: "--second", values: paces.picks },
        { name: "none chosen", colour: "--third", values: paces.none },
      ]} />
  );
}
