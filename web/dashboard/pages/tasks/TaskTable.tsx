import { useState } from "preact/hooks";
import { send } from "../../api/client";
import type { Task } from "../../api/types";
import { Empty } from "../../parts/Empty";
import { Failure } from "../../parts/Failure";
import { StateBadge } from "../../parts/StateBadge";
import { ago, between, clock, count, seconds } from "../../text/format";
import { TaskAction } from "./TaskAction";

interface Props {
  tasks: Task[];
  filtered: boolean;
  done: () => void;
}

function pageOf(task: Task): string {
  return task.type === "training" ? "training" : "inspect";
}

export function TaskTable({ tasks, filtered, done }: Props) {
  const [fault, setFault] = useState<Error>();
  async function act(path: string) {
    setFault(undefined);
    await send("POST", path).catch(setFault);
    done();
  }
  if (tasks.length === 0) {
    return filtered
      ? <Empty title="No task is like that">Choose another kind or state.</Empty>
      : <Empty title="No task yet"><a href="#/try">Try it</a> sends the first one.</Empty>;
  }
  return (
    <>
      {fault && <Failure error={fault} />}
      <div class="scroll" tabIndex={0} role="region" aria-label="Table of tasks">
        <table>
          <thead>
            <tr>
              <th scope="col">Task</th><th scope="col">Kind</th><th scope="col">State</th><th scope="col">Accepted</th>
              <th scope="col" class="num">Took</th><th scope="col" class="num">Attempt</th><th scope="col">Do</th>
            </tr>
          </thead>
          <tbody>
            {tasks.map((task) => (
              <tr key={task.task_id}>
                <th scope="row"><a class="id" href={`#/${pageOf(task)}/${task.task_id}`}>{task.task_id}</a></th>
                <td>{task.type}</td>
                <td title={task.error ?? undefined}><StateBadge state={task.state} /></td>
                <td><time dateTime={task.created} title={clock(task.created)}>{ago(task.created)}</time></td>
                <td class="num">{seconds(between(task.created, task.finished))}</td>
                <td class="num">{count(task.attempt)}</td>
                <td><TaskAction task={task} act={act} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
