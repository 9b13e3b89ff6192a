import { useState } from "preact/hooks";
import { get } from "../../api/client";
import type { Task } from "../../api/types";
import { Card } from "../../parts/Card";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import { Queue } from "./Queue";
import { TaskFilters, type Filter } from "./TaskFilters";
import { TaskTable } from "./TaskTable";

const kEvery = 3000;
const kRows = 50;

function query(filter: Filter, before: string): string {
  const parameters = new URLSearchParams({ limit: String(kRows) });
  if (filter.kind) parameters.set("kind", filter.kind);
  if (filter.state) parameters.set("state", filter.state);
  if (before) parameters.set("before", before);
  return `/tasks?${parameters}`;
}

export function Tasks() {
  const [filter, setFilter] = useState<Filter>({ kind: "", state: "" });
  const [before, setBefore] = useState("");
  // Older rows do not change by themselves.
  const tasks = usePoll(() => get<Task[]>(query(filter, before)), [filter.kind, filter.state, before], before ? undefined : kEvery);
  return (
    <>
      <Queue />
      <Card title="Ledger" note="Every accepted task, newest first"
        action={<TaskFilters filter={filter} change={(next) => { setFilter(next); setBefore(""); }} />}>
        <Loaded of={tasks}>
          {(rows) => (
            <>
              <TaskTable tasks={rows} filtered={filter.kind !== "" || filter.state !== ""} done={tasks.again} />
              <div class="row end">
                {before && <button type="button" class="quiet" onClick={() => setBefore("")}>Newest</button>}
                {rows.length === kRows && (
                  <button type="button" class="quiet" onClick={() => setBefore(rows[rows.length - 1].task_id)}>Older</button>
                )}
              </div>
            </>
          )}
        </Loaded>
      </Card>
    </>
  );
}
