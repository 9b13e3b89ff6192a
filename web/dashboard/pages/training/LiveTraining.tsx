import { useMemo, useState } from "preact/hooks";
import { get, send } from "../../api/client";
import type { ModelDetail, Task } from "../../api/types";
import { Chart } from "../../charts/Chart";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { StateBadge } from "../../parts/StateBadge";
import { VerdictBadge } from "../../parts/VerdictBadge";
import { usePoll } from "../../state/usePoll";
import { between, number, percent, seconds } from "../../text/format";
import { Evidence } from "../models/Evidence";
import { useTraining } from "./useTraining";

export function LiveTraining({ task }: { task?: Task }) {
  const { last, curve: live, error } = useTraining(task?.task_id);
  const [fault, setFault] = useState<Error>();
  const model = last?.model_id;
  const made = usePoll(() => model ? get<ModelDetail>(`/models/${model}`) : Promise.resolve(null), [model]);
  const points = made.value?.lineage?.curve ?? live;
  const curve = useMemo(() => ({
    x: points.map((point) => point.epoch),
    lines: [
      { name: "loss", colour: "--accent", values: points.map((point) => point.loss) },
      { name: "validation loss", colour: "--second", values: points.map((point) => point.validation_loss) },
    ].filter((line) => line.values.some((value) => value !== null)),
  }), [points]);
  if (!task) {
    return <Empty title="No training yet">Collect outcomes under <a href="#/try">Try it</a>, then start one here.</Empty>;
  }
  const state = last?.state ?? task.state;
  const underway = ["scheduled", "ready", "running"].includes(state);
  const progress = last?.progress ?? (state === "succeeded" ? 1 : 0);
  return (
    <>
      <p aria-live="polite">
        <StateBadge state={state} />
        {last?.phase && underway && ` ${last.phase}${last.epoch ? `, epoch ${last.epoch}${last.epochs ? ` of ${last.epochs}` : ""}` : ""}`}
        {!underway && task.finished && ` in ${seconds(between(task.started, task.finished))}`}
        {last?.verdict && <> <VerdictBadge verdict={last.verdict} /></>}
        {last?.model_id && <> as <a href={`#/models/${last.model_id}`}>model {last.model_id}</a></>}
      </p>
      <div class="row">
        <progress value={progress} aria-label="Share of the work done" />
        <span class="num">{percent(progress, 0)}</span>
        {underway && (
          <button type="button" class="quiet" onClick={() => send("POST", `/train/cancel/${task.task_id}`).catch(setFault)}>Cancel</button>
        )}
      </div>
      {curve.x.length > 1
        ? <Chart key={curve.lines.length} label="Loss by epoch" xName="epoch" x={curve.x} lines={curve.lines} unit={number} height={220} near />
        : <p class="note">{underway ? "The loss curve appears with the first epochs." : "This training has no epochs to draw."}</p>}
      {last?.gate && <Evidence gate={last.gate} />}
      {(last?.error ?? task.error) && <p class="fault">{last?.error ?? task.error}</p>}
      {(fault ?? (underway ? error : undefined)) && <Failure error={(fault ?? error)!} />}
    </>
  );
}
