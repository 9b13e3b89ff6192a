import { useState } from "preact/hooks";
import { get, send } from "../../api/client";
import { domain } from "../../api/domain";
import type { LoopReport, TaskStatus } from "../../api/types";
import { Loaded } from "../../parts/Loaded";
import { NeedBar } from "../../parts/NeedBar";
import { SchemaForm } from "../../parts/SchemaForm";
import { toFields, type Entries } from "../../parts/schemaValues";
import { go } from "../../state/route";
import { usePoll } from "../../state/usePoll";

const kEvery = 15_000;

// The options of POST /train/start, all of them optional.
export function StartTraining({ done }: { done: () => void }) {
  const known = usePoll(async () => ({ domain: await domain(), needs: (await get<LoopReport>("/monitoring/loop")).needs }), [], kEvery);
  const [entries, setEntries] = useState<Entries>({});
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);

  async function start(event: Event) {
    event.preventDefault();
    setFault("");
    setBusy(true);
    try {
      const task = await send<TaskStatus>("POST", "/train/start", toFields(known.value!.domain.training, entries));
      go("training", task.task_id);
      done();
    } catch (error) {
      setFault((error as Error).message);
    }
    setBusy(false);
  }

  return (
    <Loaded of={known} room={19.9}>
      {(value) => (
        <form onSubmit={start}>
          {value.needs && <NeedBar needs={value.needs} />}
          <SchemaForm schema={value.domain.training} entries={entries} change={setEntries} />
          {fault && <p class="fault" role="alert">{fault}</p>}
          <div class="row"><button type="submit" disabled={busy}>Train</button></div>
        </form>
      )}
    </Loaded>
  );
}
