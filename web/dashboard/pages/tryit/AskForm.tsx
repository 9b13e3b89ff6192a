import { useState } from "preact/hooks";
import { send } from "../../api/client";
import type { TaskStatus } from "../../api/types";
import { Card } from "../../parts/Card";
import { SchemaForm } from "../../parts/SchemaForm";
import { exampleEntries, toFields } from "../../parts/schemaValues";
import type { Start } from "./readStart";

// The request's form, made from its schema; candidates are for programs.
export function AskForm({ start: { domain, last, item }, asked }: { start: Start; asked: (task: string) => void }) {
  const [entries, setEntries] = useState(() => exampleEntries(domain.request, last, item));
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  async function ask(event: Event) {
    event.preventDefault();
    setFault("");
    setBusy(true);
    try {
      asked((await send<TaskStatus>("POST", "/inference/start", toFields(domain.request, entries))).task_id);
    } catch (error) {
      setFault((error as Error).message);
    }
    setBusy(false);
  }
  return (
    <Card title={`Ask as a ${domain.userName.toLowerCase()}`} note={domain.title}>
      <form onSubmit={ask}>
        <SchemaForm schema={domain.request} entries={entries} change={setEntries} hide={["candidates"]} />
        {fault && <p class="fault" role="alert">{fault}</p>}
        <div class="row"><button type="submit" disabled={busy}>Rank the catalog</button></div>
      </form>
    </Card>
  );
}
