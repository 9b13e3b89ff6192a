import { get } from "../../api/client";
import type { Task } from "../../api/types";
import { Empty } from "../../parts/Empty";
import { Loaded } from "../../parts/Loaded";
import { StateBadge } from "../../parts/StateBadge";
import { usePoll } from "../../state/usePoll";
import { ago } from "../../text/format";

export function RecentTasks() {
  const tasks = usePoll(() => get<Task[]>("/tasks?kind=inference&limit=12"), []);
  return (
    <Loaded of={tasks} room={36}>
      {(rows) => rows.length === 0
        ? <Empty title="Nobody has asked yet"><a href="#/try">Try it</a> makes the first request.</Empty>
        : (
          <ul class="links">
            {rows.map((task) => (
              <li key={task.task_id}>
                <a class="id" href={`#/inspect/${task.task_id}`}>{task.task_id}</a> <StateBadge state={task.state} />
                <span class="quiet-text">{ago(task.created)}</span>
              </li>
            ))}
          </ul>
        )}
    </Loaded>
  );
}
