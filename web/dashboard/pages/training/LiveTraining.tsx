import { useMemo, useState } from "preact/hooks";
import { send } from "../../api/client";
import type { Task } from "../../api/types";
import { Chart } from "../../charts/Chart";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { StateBadge } from "../../parts/StateBadge";
import { between, number, percent, seconds } from "../../text/format";
import { useTraining } from "./useTraining";

export function LiveTraining({ task }: { task?: Task }) {
  const { last, steps, error } = useTraining(task?.task_id);
  const [fault, setFault] = useState<Error>();
  const curve = useMemo(() => ({
    x: steps.map((step) => step.epoch!),
    lines: [
      { name: "loss", colour: "--accent", values: steps.map((step) => step.loss ?? null) },
      { name: "validation loss", colour: "--second", values: steps.map((step) => step.validation_loss || null) },
    ],
  }), [steps]);
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
        ? <Chart label="Loss by epoch" x={curve.x} lines={curve.lines} unit={number} height={190} />
        : <p class="note">{underway ? "The loss curve appears with the first epochs." : "Loss curves are drawn while a training runs."}</p>}
      {(last?.error ?? task.error) && <p class="fault">{last?.error ?? task.error}</p>}
      {(fault ?? (underway ? error : undefined)) && <Failure error={(fault ?? error)!} />}
    </>
  );
}
