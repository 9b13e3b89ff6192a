import { get } from "../../api/client";
import type { Experiment, ExperimentEvent, ExperimentReport, Model } from "../../api/types";
import { Card } from "../../parts/Card";
import { FileLink } from "../../parts/FileLink";
import { Loaded } from "../../parts/Loaded";
import { Stat } from "../../parts/Stat";
import { usePoll } from "../../state/usePoll";
import { clock, count, number, percent } from "../../text/format";
import { Bands } from "./Bands";
import { ExperimentActions } from "./ExperimentActions";
import { History } from "./History";
import { MetricTable } from "./MetricTable";
import { nameOf } from "./metrics";
import { Preferred } from "./Preferred";
import { SampleRatio } from "./SampleRatio";
import { Segments } from "./Segments";

interface Props {
  experiment: Experiment;
  models: Model[];
  field: string;  // that the segments go by
  done: () => void;
}

const kEvery = 10_000;

async function read(id: number) {
  const [report, history] = await Promise.all([
    get<ExperimentReport>(`/experiments/${id}/report`), get<ExperimentEvent[]>(`/experiments/${id}/history`),
  ]);
  return { report, history };
}

// One experiment: what its arms came to, how sure that is, and what can be done with it.
export function ExperimentPanel({ experiment, models, field, done }: Props) {
  const { experiment_id: id } = experiment;
  const said = usePoll(() => read(id), [id], experiment.state === "running" ? kEvery : undefined, experiment.state);
  return (
    <Loaded of={said} room={60}>
      {({ report, history }) => (
        <>
          <Card title={experiment.name} note={noteOf(experiment)} action={<ExperimentActions experiment={experiment} done={done} />}>
            {report.sample_ratio.alarm && <SampleRatio report={report} experiment={experiment} />}
            <dl class="stats">
              <Stat name="People" value={count(report.people)} note={`${count(report.planned_people)} planned`} />
              <Stat name="Lists shown" value={count(report.requests)} note={report.complete ? undefined : "the newest are left out"} />
              <Stat name="Smallest effect of interest" value={number(experiment.smallest_effect)} note={nameOf(experiment.primary, experiment)} />
              <Stat name="Exposure" value={percent(experiment.exposure, 0)} note={rampOf(experiment)} />
            </dl>
            {report.interleaving && report.requests > 0 && <Preferred found={report.interleaving} />}
            {report.metrics.filter((metric) => metric.primary || metric.bound !== null).map((metric) => (
              <MetricTable key={metric.metric} metric={metric} experiment={experiment} models={models} report={report} />
            ))}
            <details class="expert">
              <summary>Other metrics</summary>
              {report.metrics.filter((metric) => !metric.primary && metric.bound === null).map((metric) => (
                <MetricTable key={metric.metric} metric={metric} experiment={experiment} models={models} report={report} />
              ))}
            </details>
            {!report.sample_ratio.alarm && <SampleRatio report={report} experiment={experiment} />}
            {report.requests > 0 && (
              <p class="note">
                Below a difference stands its always-valid band, below a lift its 95 % interval; p holds at every look and is corrected for all comparisons.
                The requests that were analysed: <FileLink path={`/experiments/${id}/requests?format=csv`} save={`experiment-${id}.csv`}>CSV</FileLink>
                {" "}or <FileLink path={`/experiments/${id}/requests?format=jsonl`} save={`experiment-${id}.jsonl`}>JSON lines</FileLink>.
              </p>
            )}
          </Card>
          <Card title="Bands over time" note={`Difference in ${nameOf(experiment.primary, experiment)} from ${experiment.arms[0].name}; who looks all the time errs in 5 of 100 experiments at most`}>
            <Bands report={report} together={experiment.method === "interleaving"} />
          </Card>
          <Card title="Segments" note="The same in parts of the requests; p-values are corrected for their number">
            <Segments experiment={experiment} field={field} />
          </Card>
          <Card title="History" note="Who or what changed it, and why; newest first"><History history={history} /></Card>
        </>
      )}
    </Loaded>
  );
}

function whoMeetsWhat({ method, interleaving, unit }: Experiment): string {
  if (method === "interleaving") return `Every list is of both arms, merged by ${interleaving === "team_draft" ? "team draft" : "chance"}`;
  return unit === "person" ? "Each person keeps its arm" : "Each request is drawn by itself";
}

function noteOf(experiment: Experiment): string {
  const { started, ended, created } = experiment;
  const who = whoMeetsWhat(experiment);
  if (!started) return `${who}. Drafted ${clock(created)}`;
  return `${who}. Started ${clock(started)}${ended ? `, ended ${clock(ended)}` : ""}`;
}

function rampOf({ ramp }: Experiment): string {
  return ramp ? `steps of ${ramp.steps.map((step) => percent(step, 0)).join(", ")}` : "of the planned shares";
}
