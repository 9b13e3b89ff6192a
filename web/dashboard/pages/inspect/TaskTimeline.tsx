import type { Task } from "../../api/types";
import { Stat } from "../../parts/Stat";
import { StateBadge } from "../../parts/StateBadge";
import { between, clock, seconds } from "../../text/format";

export function TaskTimeline({ task }: { task: Task }) {
  return (
    <>
      <dl class="stats small">
        <Stat name="State" value={<StateBadge state={task.state} />} />
        <Stat name="Accepted" value={clock(task.created)} />
        <Stat name="Waited" value={seconds(between(task.created, task.started))} />
        <Stat name="Ran" value={seconds(between(task.started, task.finished))} note={task.attempt > 1 ? `attempt ${task.attempt}` : undefined} />
      </dl>
      {task.error && <p class="fault">{task.error}</p>}
    </>
  );
}
