import type { Schema } from "../api/domain";
import { SchemaField } from "./SchemaField";
import { isFlag, type Entry, type Entries } from "./schemaValues";

interface Props {
  schema: Schema;
  entries: Entries;
  change: (entries: Entries) => void;
  hide?: string[];
}

// The fields of a JSON schema, flags together at the end.
export function SchemaForm({ schema, entries, change, hide = [] }: Props) {
  const all = Object.entries(schema.properties ?? {}).filter(([name]) => !hide.includes(name));
  const field = ([name, one]: [string, Schema]) => (
    <SchemaField key={name} name={name} schema={one} required={schema.required?.includes(name) ?? false}
      value={entries[name]} change={(value: Entry) => change({ ...entries, [name]: value })} />
  );
  const flags = all.filter(([, one]) => isFlag(one));
  return (
    <>
      <div class="fields">{all.filter(([, one]) => !isFlag(one)).map(field)}</div>
      {flags.length > 0 && <fieldset class="flags"><legend>Yes or no</legend>{flags.map(field)}</fieldset>}
    </>
  );
}
