import type { Schema } from "../api/domain";
import type { Fields } from "../api/types";

// What stands in a form: text as it was typed, or a flag.
export type Entry = string | boolean | undefined;
export type Entries = Record<string, Entry>;

export function isFlag(schema: Schema): boolean {
  return schema.type === "boolean";
}

function typed(schema: Schema, text: string): unknown {
  if (schema.type === "integer" || schema.type === "number") return Number(text);
  if (schema.type === "array") {
    return text.split(/[\s,;]+/).filter((part) => part !== "").map((part) => typed(schema.items ?? {}, part));
  }
  return text;
}

// The JSON that the entries say; what was left empty is left out.
export function toFields(schema: Schema, entries: Entries): Fields {
  const fields: Fields = {};
  for (const [name, one] of Object.entries(schema.properties ?? {})) {
    const entry = entries[name];
    if (isFlag(one)) {
      if (schema.required?.includes(name) || entry !== undefined) fields[name] = entry === true;
    } else if (typeof entry === "string" && entry.trim() !== "") {
      fields[name] = typed(one, entry.trim());
    }
  }
  return fields;
}

export function toEntries(fields: Fields): Entries {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) =>
    [name, typeof value === "boolean" ? value : value === null ? "" : Array.isArray(value) ? value.join(", ") : String(value)]));
}

function example(name: string, schema: Schema): Entry {
  if (isFlag(schema)) return false;
  if (schema.enum) return schema.enum[0];
  if (schema.format === "date") return new Date(Date.now() + 14 * 86_400_000).toISOString().slice(0, 10);
  if (schema.type === "integer") return String(Math.max(schema.minimum ?? 0, Math.min(2, schema.maximum ?? 2)));
  if (schema.type === "number") return String(Math.max(schema.minimum ?? 0, Math.min(300, schema.maximum ?? 300)));
  if (schema.type === "array") return [30, 34].slice(0, Math.max(2, schema.minItems ?? 0)).join(", ");
  return name === "name" ? "Ann" : "";
}

// A plausible start for every required field, within its range.
export function exampleEntries(schema: Schema): Entries {
  return Object.fromEntries((schema.required ?? []).map((name) => [name, example(name, schema.properties![name])]));
}
