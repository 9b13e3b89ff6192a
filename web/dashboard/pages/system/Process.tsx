import type { SystemState } from "../../api/types";
import { Stat } from "../../parts/Stat";
import { bytes, count, percent, span } from "../../text/format";

export function Process({ system }: { system: SystemState }) {
  const { process, store, queue } = system;
  return (
    <dl class="stats">
      <Stat name="Memory" value={bytes(process.resident_bytes)} note="resident" />
      <Stat name="Processor" value={percent(process.cpu_seconds / Math.max(system.uptime_seconds, 1), 0)} note="of one core, since the start" />
      <Stat name="Threads" value={count(process.threads)} note={`${count(system.workers)} for tasks`} />
      <Stat name="Open files" value={count(process.open_files)} note={`of ${count(process.most_files)}`} />
      <Stat name="Up for" value={span(system.uptime_seconds)} />
      <Stat name="Store" value={store.bytes === null ? store.kind : bytes(store.bytes)}
        note={store.bytes === null ? "does not answer" : `${store.kind}, on disk`} />
      <Stat name="Requests kept" value={count(store.requests)} note={`catalog version ${count(store.catalog_version)}`} />
      <Stat name="Queue" value={queue.kind}
        note={queue.kind === "memory" ? "inside this process" : `${count(queue.announced)} hints, ${count(queue.dropped)} dropped, ${count(queue.dead_letters)} dead letters`} />
    </dl>
  );
}
