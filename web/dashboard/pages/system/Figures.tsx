import { quantile, readMetrics } from "../../api/metrics";
import { Loaded } from "../../parts/Loaded";
import { Stat } from "../../parts/Stat";
import { usePoll } from "../../state/usePoll";
import { count, number, seconds } from "../../text/format";

const kEvery = 15_000;

export function Figures() {
  const metrics = usePoll(readMetrics, [], kEvery);
  return (
    <Loaded of={metrics} room={13}>
      {(value) => {
        const total = (name: string) => count(value.value(`rankloop_${name}`));
        const commit = value.histogram("rankloop_storage_commit_seconds");
        const batch = value.histogram("rankloop_storage_batch_writes");
        return (
          <dl class="stats">
            <Stat name="Requests answered" value={total("http_requests_total")} note={`${total("http_refused_total")} refused`} />
            <Stat name="Connections" value={total("http_connections")} note={`${total("http_waiting")} wait for something`} />
            <Stat name="Tasks" value={total("task_started_total")} note={`${total("task_failed_total")} failed`} />
            <Stat name="Commit, median" value={seconds(quantile(commit, 0.5))} note={`99 %: ${seconds(quantile(commit, 0.99))}`} />
            <Stat name="Writes in a commit" value={batch.count > 0 ? number(batch.sum / batch.count) : "–"} note={`${count(batch.count)} commits`} />
            <Stat name="Writes waiting" value={total("storage_waiting_writes")} note={`${total("storage_commit_failures_total")} commits failed`} />
            <Stat name="Unknown fields" value={total("http_unknown_fields_total")} note="sent and ignored" />
            <Stat name="Catalog" value={total("catalog_items")} note="items can be ranked" />
          </dl>
        );
      }}
    </Loaded>
  );
}
