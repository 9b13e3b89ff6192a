import type { Task } from "../../api/types";
import { Stat } from "../../parts/Stat";
import { StateBadge } from "../../parts/StateBadge";
import { between, clock, seconds } from "../../text/format";
import { TraceLink } from "./TraceLink";
import type { Ranked } from "./readInspection";

// From the request to what became of it; what was shown is known once the ranking is.
export function TaskTimeline({ task, ranking = [] }: { task: Task; ranking?: Ranked[] }) {
  const shown = ranking.filter(({ row }) => row.shown);
  const first = shown.map(({ row }) => row.shown_at).filter((at) => at !== undefined).sort()[0];
  const picked = ranking.filter(({ row }) => row.label === 1);
  return (
    <>
      <dl class="stats small">
        <Stat name="State" value={<StateBadge state={task.state} />} />
        <Stat name="Accepted" value={clock(task.created)} />
        <Stat name="Waited" value={seconds(between(task.created, task.started))} />
        <Stat name="Ran" value={seconds(between(task.started, task.finished))} note={task.attempt > 1 ? `attempt ${task.attempt}` : undefined} />
        {task.type === "inference" && (
          <Stat name="Shown" value={first ? `${shown.length} items` : "not yet"} note={first ? `${seconds(between(task.finished, first))} after the ranking` : undefined} />
        )}
        {task.type === "inference" && first && (
          <Stat name="Picked" value={picked.length > 0 ? picked.map(({ item }) => item).join(", ") : "nothing"}
            note={picked.length > 0 ? `at position ${picked.map(({ row }) => row.position).join(", ")}` : undefined} />
        )}
      </dl>
      {task.trace_id && <TraceLink id={task.trace_id} />}
      {task.error && <p class="fault">{task.error}</p>}
    </>
  );
}
