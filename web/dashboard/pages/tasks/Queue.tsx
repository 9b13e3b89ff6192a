import { get } from "../../api/client";
import { quantile, readMetrics } from "../../api/metrics";
import type { OpenTasks, SystemState } from "../../api/types";
import { Card } from "../../parts/Card";
import { Loaded } from "../../parts/Loaded";
import { Stat } from "../../parts/Stat";
import { usePoll } from "../../state/usePoll";
import { count, seconds, span } from "../../text/format";

const kEvery = 10_000;

async function read() {
  const [metrics, system] = await Promise.all([readMetrics(), get<SystemState>("/system")]);
  return { metrics, system };
}

// Depth, workers, latencies and what went wrong.
export function Queue() {
  const queue = usePoll(read, [], kEvery);
  return (
    <Card title="Queue" note="Counted in the ledger; latencies and failures in this process since it started">
      <Loaded of={queue} room={11.2}>
        {({ metrics, system }) => {
          const stage = (name: string) => metrics.histogram("rankloop_task_stage_seconds", `stage="${name}"`);
          const both = (of: (tasks: OpenTasks) => number) => of(system.tasks.inference) + of(system.tasks.training);
          const waiting = both((tasks) => (tasks.scheduled ?? 0) + (tasks.ready ?? 0));
          const oldest = Math.max(system.tasks.inference.oldest_waiting_seconds, system.tasks.training.oldest_waiting_seconds);
          const timed = (name: string, histogram: ReturnType<typeof stage>) => (
            <Stat name={name} value={seconds(quantile(histogram, 0.5))}
              note={<>95 %: {seconds(quantile(histogram, 0.95))}<br />99 %: {seconds(quantile(histogram, 0.99))}</>} />
          );
          return (
            <dl class="stats">
              <Stat name="Waiting" value={count(waiting)} note={waiting > 0 ? `the oldest for ${span(oldest)}` : "none is old"} />
              <Stat name="Running" value={count(both((tasks) => tasks.running ?? 0))} />
              <Stat name="Workers here" value={count(system.workers)} note={system.workers === 0 ? "others run the tasks" : "threads of this process"} />
              {timed("Accepted to done", metrics.histogram("rankloop_task_total_seconds"))}
              {timed("Waiting for a worker", stage("wait"))}
              {timed("Scoring", stage("score"))}
              {timed("Writing the result", stage("commit"))}
              <Stat name="Failed" value={count(metrics.value("rankloop_task_failed_total"))}
                note={`${count(metrics.value("rankloop_task_retried_total"))} tried again`} />
            </dl>
          );
        }}
      </Loaded>
    </Card>
  );
}
