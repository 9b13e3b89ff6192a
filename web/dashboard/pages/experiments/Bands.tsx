import { useMemo } from "preact/hooks";
import type { ExperimentReport } from "../../api/types";
import { Chart } from "../../charts/Chart";
import { difference } from "./metrics";

const kColours = ["--accent", "--second", "--third"];
const kZero = "--fourth";
const kFewest = 2;

// The always-valid band of each arm's difference from the control, over the requests as they came. Zero is a line of its own.
export function Bands({ report, together }: { report: ExperimentReport; together: boolean }) {
  const { bands, metrics } = report;
  const metric = metrics[0].metric;
  const drawn = useMemo(() => {
    const told = bands.filter((point) => point.arms.some((arm) => arm.band !== null));
    const lines = (told[0]?.arms ?? []).slice(0, kColours.length).map(({ arm }, index) => {
      const own = told.map((point) => point.arms[index]);
      return {
        name: arm, colour: kColours[index],
        values: own.map((one) => one.difference),
        low: own.map((one) => one.band?.[0] ?? null),
        high: own.map((one) => one.band?.[1] ?? null),
      };
    });
    const zero = { name: "no difference", colour: kZero, values: told.map(() => 0) };
    return { x: told.map((point) => point.requests), lines: [...lines, zero] };
  }, [bands]);
  if (drawn.x.length < kFewest) return <p class="note">A band begins with a hundred people{together ? "" : " in each arm"}.</p>;
  return (
    <Chart key={drawn.lines.map((line) => line.name).join()} label="Always-valid bands of the difference" xName="lists" height={260} near legend="name"
      unit={(value) => difference(metric, value)} tick={(value) => difference(metric, value).replace(" points", "")} {...drawn} />
  );
}
