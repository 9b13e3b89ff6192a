import { quantile, readMetrics } from "../../api/metrics";
import { Card } from "../../parts/Card";
import { Loaded } from "../../parts/Loaded";
import { Stat } from "../../parts/Stat";
import { usePoll } from "../../state/usePoll";
import { count, seconds } from "../../text/format";

const kEvery = 3000;

// Depth, latencies and what went wrong, from the metrics of this process.
export function Queue() {
  const metrics = usePoll(readMetrics, [], kEvery);
  return (
    <Card title="Queue" note="Counted in the ledger; latencies since the server started">
      <Loaded of={metrics}>
        {(value) => {
          const total = value.histogram("rankloop_task_total_seconds");
          const wait = value.histogram("rankloop_task_wait_seconds");
          const score = value.histogram("rankloop_task_score_seconds");
          return (
            <dl class="stats">
              <Stat name="Waiting" value={count(value.value("rankloop_task_ready") + value.value("rankloop_task_scheduled"))} />
              <Stat name="Running" value={count(value.value("rankloop_task_running"))} />
              <Stat name="Accepted to done, median" value={seconds(quantile(total, 0.5))} note={`99 %: ${seconds(quantile(total, 0.99))}`} />
              <Stat name="Waiting for a worker" value={seconds(quantile(wait, 0.5))} note={`99 %: ${seconds(quantile(wait, 0.99))}`} />
              <Stat name="Scoring" value={seconds(quantile(score, 0.5))} note={`99 %: ${seconds(quantile(score, 0.99))}`} />
              <Stat name="Failed" value={count(value.value("rankloop_task_failed_total"))}
                note={`${count(value.value("rankloop_task_retried_total"))} tried again`} />
            </dl>
          );
        }}
      </Loaded>
    </Card>
  );
}
