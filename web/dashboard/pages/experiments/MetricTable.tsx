import type { Experiment, ExperimentReport, Model } from "../../api/types";
import { Badge, type Tone } from "../../parts/Badge";
import { count, error, number, percent, title } from "../../text/format";
import { between, describe, difference, figure, nameOf } from "./metrics";

type Metric = ExperimentReport["metrics"][number];
type Comparison = Metric["comparisons"][number];

interface Props {
  metric: Metric;
  experiment: Experiment;
  models: Model[];
  report: ExperimentReport;
}

const kRails: Record<string, Tone> = { holds: "good", broken: "bad", unsure: "plain" };

// A metric of all arms beside the control.
export function MetricTable({ metric, experiment, models, report }: Props) {
  const name = nameOf(metric.metric, experiment);
  const adjusted = experiment.method === "split";
  return (
    <>
      <h3 class="apart">
        {title(name)} <span class="quiet-text">{roleOf(metric)}</span>{" "}
        {metric.comparisons.map(({ arm, guardrail }) => guardrail && <Badge key={arm} tone={kRails[guardrail]}>{`${arm}: ${guardrail}`}</Badge>)}
      </h3>
      <div class="scroll" tabIndex={0} role="region" aria-label={`Arms by ${name}`}>
        <table>
          <caption class="hidden">{describe(metric.metric, experiment)}</caption>
          <thead>
            <tr>
              <th scope="col">Arm</th><th scope="col" class="num">People</th><th scope="col" class="num">Lists</th><th scope="col" class="num">{title(name)}</th>
              <th scope="col" class="num">Difference</th><th scope="col" class="num">Lift</th>{adjusted && <th scope="col" class="num">With CUPED</th>}<th scope="col" class="num">p</th>
            </tr>
          </thead>
          <tbody>
            {metric.arms.map((arm, index) => (
              <tr key={arm.arm}>
                <th scope="row">{arm.arm}<small class="under quiet-text"> {modelOf(experiment, index, models, report)}</small></th>
                <td class="num">{count(arm.people)}</td>
                <td class="num">{count(arm.requests)}</td>
                <td class="num">{figure(metric.metric, arm.mean)}<small class="under"> {between(arm.interval, (value) => figure(metric.metric, value))}</small></td>
                <Against metric={metric.metric} comparison={metric.comparisons.find((one) => one.arm === arm.arm)} adjusted={adjusted} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function roleOf({ primary, bound, less_is_better }: Metric): string {
  const role = [primary && "decides", bound !== null && `guardrail: at most ${number(bound)} worse`].filter(Boolean).join(", ");
  return `${role}${role && less_is_better ? ", " : ""}${less_is_better ? "less is better" : ""}`;
}

// Who answers an arm, and whether that went as planned.
function modelOf(experiment: Experiment, index: number, models: Model[], report: ExperimentReport): string {
  const { name, model_id } = experiment.arms[index];
  const nameOf = (id: number) => `${models.find((model) => model.model_id === id)?.family ?? "model"} ${id}`;
  const planned = model_id === "champion" ? "the champion" : nameOf(Number(model_id));
  const others = report.answered_by.filter((one) => one.arm === name && model_id !== "champion" && one.model_id !== model_id);
  return others.length === 0 ? planned : `${planned}; ${others.map((one) => `${one.model_id ? nameOf(one.model_id) : "a random order"} answered ${count(one.requests)}`).join(", ")}`;
}

function Against({ metric, comparison, adjusted }: { metric: string; comparison?: Comparison; adjusted: boolean }) {
  if (!comparison) return <td colSpan={adjusted ? 4 : 3} class="quiet-text">the control</td>;
  const { cuped } = comparison;
  const write = (value: number) => difference(metric, value);
  return (
    <>
      <td class="num">{difference(metric, comparison.difference)}<small class="under"> {between(comparison.band, write)}</small></td>
      <td class="num">{percent(comparison.lift)}<small class="under"> {between(comparison.lift_interval, percent)}</small></td>
      {adjusted && <td class="num">{cuped ? <>{difference(metric, cuped.difference)}<small class="under"> {between(cuped.band, write)}</small></> : "–"}</td>}
      <td class="num">{error(comparison.p_adjusted)}</td>
    </>
  );
}
