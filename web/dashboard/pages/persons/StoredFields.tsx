import { useState } from "preact/hooks";
import { send } from "../../api/client";
import type { Schema } from "../../api/domain";
import type { Person } from "../../api/types";
import { Card } from "../../parts/Card";
import { SchemaForm } from "../../parts/SchemaForm";
import { toChanges, toEntries } from "../../parts/schemaValues";
import { clock } from "../../text/format";

interface Props {
  path: string;
  schema: Schema;  // of the fields that the domain stores
  known?: Person;
  done: () => void;
}

const kTitle = "Stored fields";

// What stands in for what later requests of the person do not say.
export function StoredFields({ path, schema, known, done }: Props) {
  const fields = known?.fields ?? {};
  const [entries, setEntries] = useState(() => toEntries(fields));
  const [told, setTold] = useState("");
  const [fault, setFault] = useState("");
  if (Object.keys(schema.properties ?? {}).length === 0) {
    return (
      <Card title={kTitle}>
        <p class="note">This domain stores nothing of people: its file has no <code>[person]</code> that lists fields of a request.</p>
      </Card>
    );
  }
  const changes = toChanges(schema, entries, fields);
  async function save(event: Event) {
    event.preventDefault();
    setFault("");
    try {
      await send("PATCH", path, changes);
      setTold("Stored");
      done();
    } catch (error) {
      setFault((error as Error).message);
    }
  }
  return (
    <Card title={kTitle} note={known?.changed ? `Stored ${clock(known.changed)}; a request of this person need not say them` : "Nothing is stored; what is, a request of this person need not say"}>
      <form onSubmit={save}>
        <SchemaForm schema={schema} entries={entries} change={(next) => { setEntries(next); setTold(""); }} />
        {fault && <p class="fault" role="alert">{fault}</p>}
        <div class="row end">
          <span class="note" role="status">{told}</span>
          <button type="submit" disabled={Object.keys(changes).length === 0}>Store</button>
        </div>
      </form>
    </Card>
  );
}
