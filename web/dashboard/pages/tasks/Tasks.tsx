import { useState } from "preact/hooks";
import { get } from "../../api/client";
import type { Task } from "../../api/types";
import { Card } from "../../parts/Card";
import { Loaded } from "../../parts/Loaded";
import { keepInAddress } from "../../state/route";
import { usePoll } from "../../state/usePoll";
import type { PageProps } from "../props";
import { Queue } from "./Queue";
import { TaskFilters } from "./TaskFilters";
import { TaskTable } from "./TaskTable";
import { useStableRows } from "./useStableRows";

const kEvery = 5000;
const kRows = 50;

function path(query: URLSearchParams): string {
  const parameters = new URLSearchParams({ limit: String(kRows) });
  for (const name of ["kind", "state", "before"]) if (query.get(name)) parameters.set(name, query.get(name)!);
  return `/tasks?${parameters}`;
}

function told(older: boolean, follows: boolean): string {
  if (older) return "Older tasks.";
  return follows ? "New tasks come in at the top, and wait while you are in the table." : "States go on; rows stay where they are until you want the newer ones.";
}

export function Tasks({ query }: PageProps) {
  const filter = { kind: query.get("kind") ?? "", state: query.get("state") ?? "" };
  const before = query.get("before") ?? "";
  const [follows, setFollows] = useState(false);
  // Older rows do not change by themselves.
  const tasks = usePoll(() => get<Task[]>(path(query)), [path(query)], before ? undefined : kEvery);
  const stable = useStableRows(tasks.value, path(query), follows);
  return (
    <>
      <Queue />
      <Card title="Ledger" note="Every accepted task, newest first"
        action={
          <div class="row">
            <TaskFilters filter={filter} change={(next) => keepInAddress({ ...next, before: "" })} />
            {!before && <button type="button" class="quiet" onClick={() => setFollows(!follows)}>{follows ? "Pause" : "Follow"}</button>}
          </div>
        }>
        <Loaded of={tasks} room={50}>
          {() => (
            <>
              <p class="row held" role="status">
                {stable.newer > 0
                  ? <button type="button" class="quiet small" onClick={stable.show}>Show {stable.newer === kRows ? "the newer ones" : `${stable.newer} newer`}</button>
                  : <span class="note">{told(before !== "", follows)}</span>}
              </p>
              <div onFocusIn={stable.hold} onFocusOut={stable.release} onPointerEnter={stable.hold} onPointerLeave={stable.release}>
                <TaskTable tasks={stable.rows} filtered={filter.kind !== "" || filter.state !== ""} done={tasks.again} />
              </div>
              <div class="row end">
                {before && <button type="button" class="quiet" onClick={() => keepInAddress({ before: "" })}>Newest</button>}
                {stable.rows.length === kRows && (
                  <button type="button" class="quiet" onClick={() => keepInAddress({ before: stable.rows[stable.rows.length - 1].task_id })}>Older</button>
                )}
              </div>
            </>
          )}
        </Loaded>
      </Card>
    </>
  );
}
