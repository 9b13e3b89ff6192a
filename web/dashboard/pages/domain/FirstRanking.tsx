import { useEffect, useState } from "preact/hooks";
import { send } from "../../api/client";
import type { TaskStatus } from "../../api/types";
import { Failure } from "../../parts/Failure";
import { exampleEntries, toFields } from "../../parts/schemaValues";
import { usePoll } from "../../state/usePoll";
import { Answer } from "../tryit/Answer";
import { readStart } from "../tryit/readStart";

// Ranks the new catalog once, for a request as the domain's fields make it.
export function FirstRanking() {
  const start = usePoll(readStart, []);
  const [task, setTask] = useState<string>();
  const [fault, setFault] = useState<Error>();
  useEffect(() => {
    if (!start.value) return;
    const { domain, last, item } = start.value;
    send<TaskStatus>("POST", "/inference/start", toFields(domain.request, exampleEntries(domain.request, last, item)))
      .then(({ task_id }) => setTask(task_id), setFault);
  }, [start.value !== undefined]);
  const error = fault ?? start.error;
  if (error) return <Failure error={error} />;
  if (!start.value || !task) return <p class="loading" role="status">Ranking …</p>;
  return (
    <>
      <Answer domain={start.value.domain} task={task} />
      <p class="note">No model yet: the order is random until people have picked and a model has learned. <a href="#/try">Ask yourself</a>, see the <a href="#/catalog">catalog</a>, or let your program call <a href="/docs">POST /inference/start</a>.</p>
    </>
  );
}
