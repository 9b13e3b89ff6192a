import { useState } from "preact/hooks";
import { send } from "../../api/client";
import { domain } from "../../api/domain";
import type { TaskStatus } from "../../api/types";
import { Loaded } from "../../parts/Loaded";
import { SchemaForm } from "../../parts/SchemaForm";
import { toFields, type Entries } from "../../parts/schemaValues";
import { go } from "../../state/route";
import { usePoll } from "../../state/usePoll";

// The options of POST /train/start, all of them optional.
export function StartTraining({ done }: { done: () => void }) {
  const known = usePoll(domain, []);
  const [entries, setEntries] = useState<Entries>({});
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);

  async function start(event: Event) {
    event.preventDefault();
    setFault("");
    setBusy(true);
    try {
      const task = await send<TaskStatus>("POST", "/train/start", toFields(known.value!.training, entries));
      go("training", task.task_id);
      done();
    } catch (error) {
      setFault((error as Error).message);
    }
    setBusy(false);
  }

  return (
    <Loaded of={known}>
      {(value) => (
        <form onSubmit={start}>
          <SchemaForm schema={value.training} entries={entries} change={setEntries} />
          {fault && <p class="fault" role="alert">{fault}</p>}
          <div class="row"><button type="submit" disabled={busy}>Train</button></div>
        </form>
      )}
    </Loaded>
  );
}
