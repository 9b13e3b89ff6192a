import type { Task } from "../../api/types";
import { Empty } from "../../parts/Empty";
import { StateBadge } from "../../parts/StateBadge";
import { ago, between, seconds } from "../../text/format";

export function TrainingList({ tasks, chosen }: { tasks: Task[]; chosen?: string }) {
  if (tasks.length === 0) return <Empty title="Nothing was trained here yet">Every training will be listed here.</Empty>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of trainings">
      <table>
        <thead>
          <tr><th scope="col">Training</th><th scope="col">State</th><th scope="col">Begun</th><th scope="col" class="num">Took</th><th scope="col">Error</th></tr>
        </thead>
        <tbody>
          {tasks.map((task) => (
            <tr key={task.task_id} class={task.task_id === chosen ? "chosen" : ""}>
              <th scope="row"><a class="id" href={`#/training/${task.task_id}`}>{task.task_id}</a></th>
              <td><StateBadge state={task.state} /></td>
              <td>{ago(task.created)}</td>
              <td class="num">{seconds(between(task.started, task.finished))}</td>
              <td>{task.error ?? ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
