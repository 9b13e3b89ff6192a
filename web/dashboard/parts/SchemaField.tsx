import type { Schema } from "../api/domain";
import { words } from "../text/format";
import { isNumber, isPlace, typeOf, type Entry } from "./schemaValues";

interface Props {
  name: string;
  schema: Schema;
  required: boolean;
  value: Entry;
  fault?: string;
  change: (value: Entry) => void;
}

const kLongestLine = 10_000;  // what has more room is prose

// How to write what is no single value.
function hint(schema: Schema): string {
  if (isPlace(schema)) return "Latitude, longitude.";
  if (typeOf(schema) !== "array") return "";
  const words = schema.items?.enum;
  return `${words ? `Of ${words.join(", ")}. ` : ""}Several: with commas between.`;
}

// One field of a form made from a JSON schema.
export function SchemaField({ name, schema, required, value, fault, change }: Props) {
  const id = `field-${name}`;
  const described = `${id}-note`;
  const type = typeOf(schema);
  if (type === "boolean") {
    return (
      <label class="check" title={schema.description}>
        <input type="checkbox" checked={value === true} onChange={(event) => change(event.currentTarget.checked)} />
        {words(name)}
      </label>
    );
  }
  const note = [schema.description, hint(schema)].filter(Boolean).join(" ");
  const shared = {
    id, required, value: String(value ?? ""), "aria-describedby": described, "aria-invalid": fault ? true : undefined,
  };
  const numeric = isNumber(schema);
  return (
    <div class="field">
      <label for={id}>{words(name)}{required ? "" : " (optional)"}</label>
      {schema.enum ? (
        <select {...shared} onChange={(event) => change(event.currentTarget.value)}>
          {(!required || value === undefined) && <option value="">–</option>}
          {schema.enum.map((option) => <option key={option}>{option}</option>)}
        </select>
      ) : (schema.maxLength ?? 0) > kLongestLine ? (
        <textarea {...shared} rows={3} maxLength={schema.maxLength}
          onInput={(event) => change(event.currentTarget.value)} />
      ) : (
        <input {...shared} type={numeric ? "number" : schema.format === "date" ? "date" : "text"}
          step={type === "number" ? "any" : undefined} min={schema.minimum} max={schema.maximum}
          maxLength={schema.maxLength} onInput={(event) => change(event.currentTarget.value)} />
      )}
      <small id={described} class={fault ? "fault" : ""}>{fault ?? note}</small>
    </div>
  );
}
