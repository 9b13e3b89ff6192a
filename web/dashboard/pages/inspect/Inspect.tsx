import { useState } from "preact/hooks";
import { get } from "../../api/client";
import type { Task } from "../../api/types";
import { Card } from "../../parts/Card";
import { Loaded } from "../../parts/Loaded";
import { go } from "../../state/route";
import { usePoll } from "../../state/usePoll";
import type { PageProps } from "../pages";
import { Inspection } from "./Inspection";
import { RecentTasks } from "./RecentTasks";

// A task id leads to everything that is known of it.
export function Inspect({ argument }: PageProps) {
  const [typed, setTyped] = useState(argument);
  const task = usePoll(() => argument ? get<Task>(`/tasks/${encodeURIComponent(argument)}`) : Promise.resolve(null), [argument]);
  function look(event: Event) {
    event.preventDefault();
    go("inspect", typed.trim());
  }
  return (
    <>
      <form class="row search" role="search" onSubmit={look}>
        <label for="task-id">Task id</label>
        <input id="task-id" value={typed} required spellcheck={false} autocomplete="off"
          placeholder="01890000-0000-7000-8000-000000000000" onInput={(event) => setTyped(event.currentTarget.value)} />
        <button type="submit">Look</button>
      </form>
      <Loaded of={task}>
        {(value) => value
          ? <Inspection key={value.task_id} task={value} />
          : <Card title="Recent requests" note="Choose one, or paste the id of any task above"><RecentTasks /></Card>}
      </Loaded>
    </>
  );
}
