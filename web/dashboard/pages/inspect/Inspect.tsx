import { useEffect, useState } from "preact/hooks";
import { ApiError, get } from "../../api/client";
import type { Task } from "../../api/types";
import { Card } from "../../parts/Card";
import { Loaded } from "../../parts/Loaded";
import { NotFound } from "../../parts/NotFound";
import { go } from "../../state/route";
import { usePoll } from "../../state/usePoll";
import type { PageProps } from "../props";
import { Inspection } from "./Inspection";
import { RecentTasks } from "./RecentTasks";

type Looked = Task | "none" | "unknown";

async function read(id: string): Promise<Looked> {
  if (id === "") return "none";
  try {
    return await get<Task>(`/tasks/${encodeURIComponent(id)}`);
  } catch (error) {
    if ((error as ApiError).status !== 404) throw error;
    return "unknown";
  }
}

// A task id leads to everything that is known of it.
export function Inspect({ argument }: PageProps) {
  const [typed, setTyped] = useState(argument);
  useEffect(() => setTyped(argument), [argument]);
  const task = usePoll(() => read(argument), [argument]);
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
      <Loaded of={task} room={60}>
        {(value) => value !== "none" && value !== "unknown" ? <Inspection key={value.task_id} task={value} /> : (
          <>
            {value === "unknown" && <NotFound what={`Task not found: ${argument}`}>An id has 36 characters; the newest tasks stand below.</NotFound>}
            <Card title="Recent requests" note="Choose one, or paste the id of any task above"><RecentTasks /></Card>
          </>
        )}
      </Loaded>
    </>
  );
}
