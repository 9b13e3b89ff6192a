import { useState } from "preact/hooks";
import { get, send } from "../../api/client";
import { domain, type Schema } from "../../api/domain";
import type { LoopReport, TaskStatus } from "../../api/types";
import { Loaded } from "../../parts/Loaded";
import { NeedBar } from "../../parts/NeedBar";
import { SchemaForm } from "../../parts/SchemaForm";
import { toFields, type Entries } from "../../parts/schemaValues";
import { go } from "../../state/route";
import { usePoll } from "../../state/usePoll";

const kEvery = 15_000;
const kHyperparameters = "hyperparameters";

// Those of one family, which are named after it.
function hyperparametersOf(training: Schema, family: string): Schema {
  const all = Object.entries(training.properties?.[kHyperparameters]?.properties ?? {});
  return { properties: Object.fromEntries(all.filter(([name]) => name.startsWith(`${family}.`))) };
}

function familiesWithSome(training: Schema): string[] {
  const names = Object.keys(training.properties?.[kHyperparameters]?.properties ?? {});
  return [...new Set(names.map((name) => name.slice(0, name.indexOf("."))))];
}

// The options of POST /train/start, all of them optional.
export function StartTraining({ done }: { done: () => void }) {
  const known = usePoll(async () => ({ domain: await domain(), needs: (await get<LoopReport>("/monitoring/loop")).needs }), [], kEvery);
  const [entries, setEntries] = useState<Entries>({});
  const [set, setSet] = useState<Entries>({});  // hyperparameters
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);

  async function start(event: Event) {
    event.preventDefault();
    setFault("");
    setBusy(true);
    try {
      const { training } = known.value!.domain;
      const hyperparameters = toFields(hyperparametersOf(training, String(entries.family ?? "")), set);
      const task = await send<TaskStatus>("POST", "/train/start", {
        ...toFields(training, entries), ...(Object.keys(hyperparameters).length > 0 ? { hyperparameters } : {}),
      });
      go("training", task.task_id);
      done();
    } catch (error) {
      setFault((error as Error).message);
    }
    setBusy(false);
  }

  return (
    <Loaded of={known} room={26.96}>
      {(value) => (
        <form onSubmit={start}>
          {value.needs && <NeedBar needs={value.needs} />}
          <SchemaForm schema={value.domain.training} entries={entries} change={setEntries} hide={[kHyperparameters]} />
          <Hyperparameters schema={hyperparametersOf(value.domain.training, String(entries.family ?? ""))}
            families={familiesWithSome(value.domain.training)} entries={set} change={setSet} />
          {fault && <p class="fault" role="alert">{fault}</p>}
          <div class="row"><button type="submit" disabled={busy}>Train</button></div>
        </form>
      )}
    </Loaded>
  );
}

interface HyperparametersProps {
  schema: Schema;
  families: string[];  // that have some
  entries: Entries;
  change: (entries: Entries) => void;
}

function Hyperparameters({ schema, families, entries, change }: HyperparametersProps) {
  const some = Object.keys(schema.properties ?? {}).length > 0;
  return (
    <details>
      <summary>Hyperparameters</summary>
      {some ? <SchemaForm schema={schema} entries={entries} change={change} />
        : <p class="note">Choose a family that has some: {families.join(", ")}.</p>}
    </details>
  );
}
