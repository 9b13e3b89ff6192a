import { useMemo } from "preact/hooks";
import type { ModelEvent, OutcomesOfModel, Performance } from "../../api/types";
import { Chart } from "../../charts/Chart";
import type { Measure } from "./measure";

interface Props {
  report: Performance;
  measure: Measure;
  history: ModelEvent[];
  nameOf: (id: number | null) => string;
}

const kColours = ["--accent", "--second", "--third", "--fourth"];
const kFewPeriods = 2;

// The newest model that answered and those with the most lists, a line each; a period without lists of a model is bridged.
export function OverTime({ report, measure, history, nameOf }: Props) {
  const { periods, models } = report.outcomes;
  const drawn = useMemo(() => {
    const half = report.period_seconds / 2;
    const number = (one: { model_id: number | null }) => one.model_id ?? 0;
    const newest = Math.max(...models.map(number));
    const rank = (one: OutcomesOfModel) => number(one) === newest ? Infinity : one.shown;
    const most = [...models].sort((a, b) => rank(b) - rank(a)).slice(0, kColours.length).sort((a, b) => number(a) - number(b));
    const lines = most.map(({ model_id }, index) => {
      const own = periods.map((period) => period.models.find((model) => model.model_id === model_id));
      return {
        name: nameOf(model_id), colour: kColours[index],
        values: own.map((one) => one ? measure.of(one) : null),
        low: own.map((one) => one ? measure.band(one)?.[0] ?? null : null),
        high: own.map((one) => one ? measure.band(one)?.[1] ?? null : null),
      };
    });
    const [from, until] = [Date.parse(report.from!), Date.parse(report.until!)];
    const marks = history
      .filter((event) => (event.what === "promoted" || event.what === "rolled_back") && Date.parse(event.at) >= from && Date.parse(event.at) <= until)
      .map((event) => ({ x: Date.parse(event.at) / 1000, text: nameOf(event.model_id) }));
    return { x: periods.map((period) => Date.parse(period.from) / 1000 + half), lines, marks };
  }, [report, measure.way, history]);
  if (drawn.x.length < kFewPeriods) return <p class="note">All of them were asked at one time; a curve needs a second.</p>;
  return (
    <>
      <Chart key={[measure.name, ...drawn.lines.map((line) => line.name)].join()} label={`${measure.name} of the models over time`} xTime height={260} near legend="name"
        unit={measure.unit} steps={measure.steps} tick={measure.tick} {...drawn} />
      {models.length > kColours.length && <p class="note">Drawn are the newest and the {kColours.length - 1} others with the most lists.</p>}
    </>
  );
}
