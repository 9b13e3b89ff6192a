import type { Schema } from "../api/domain";
import type { Fields } from "../api/types";

// What stands in a form: text as it was typed, or a flag.
export type Entry = string | boolean | undefined;
export type Entries = Record<string, Entry>;

// The type beside "null".
export function typeOf(schema: Schema): string {
  return Array.isArray(schema.type) ? schema.type.find((type) => type !== "null") ?? "string" : schema.type ?? "string";
}

export function isFlag(schema: Schema): boolean {
  return typeOf(schema) === "boolean";
}

export function isNumber(schema: Schema): boolean {
  return typeOf(schema) === "integer" || typeOf(schema) === "number";
}

function typed(schema: Schema, text: string): unknown {
  if (isNumber(schema)) return Number(text);
  if (typeOf(schema) === "array") {
    const between = isNumber(schema.items ?? {}) ? /[\s,;]+/ : /[,;]/;  // a word may have blanks in it
    return text.split(between).map((part) => part.trim()).filter((part) => part !== "")
      .map((part) => typed(schema.items ?? {}, part));
  }
  if (isPlace(schema)) {
    const [lat, lon] = text.split(/[\s,;]+/).map(Number);
    return { lat, lon };
  }
  return text;
}

// An object of numbers: a place.
export function isPlace(schema: Schema): boolean {
  return typeOf(schema) === "object";
}

function entryOf(value: unknown): Entry {
  if (typeof value === "boolean") return value;
  if (value === null) return "";
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "object" ? Object.values(value as object).join(", ") : String(value);
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

// What a form changes of what was there before: a field that was emptied is null, which takes it away.
export function toChanges(schema: Schema, entries: Entries, before: Fields): Fields {
  const after = toFields(schema, entries);
  const emptied = Object.keys(schema.properties ?? {}).filter((name) =>
    !(name in after) && before[name] !== null && before[name] !== undefined);
  const changed = Object.entries(after).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]));
  return Object.fromEntries([...changed, ...emptied.map((name): [string, null] => [name, null])]);
}

export function toEntries(fields: Fields): Entries {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, entryOf(value)]));
}

function within(schema: Schema, wish: number): string {
  return String(Math.max(schema.minimum ?? wish, Math.min(wish, schema.maximum ?? wish)));
}

function example(name: string, schema: Schema): Entry {
  if (isFlag(schema)) return false;
  if (schema.enum) return schema.enum[0];
  if (schema.format === "date") return new Date(Date.now() + 14 * 86_400_000).toISOString().slice(0, 10);
  if (typeOf(schema) === "integer") return within(schema, 2);
  if (typeOf(schema) === "number") return within(schema, 300);
  if (isPlace(schema)) return "52.52, 13.405";
  if (typeOf(schema) === "array" && !isNumber(schema.items ?? {})) return schema.items?.enum?.[0] ?? "";
  if (typeOf(schema) === "array" && schema.minItems === schema.maxItems) {
    return new Array(schema.minItems).fill(within(schema.items ?? {}, 0)).join(", ");
  }
  if (typeOf(schema) === "array") return [30, 34].slice(0, Math.max(2, schema.minItems ?? 0)).join(", ");
  return name === "name" ? "Ann" : "";
}

// A plausible start for every required field: as the last one who asked said it, as an item has it that may then be
// eligible, or else within the field's range.
export function exampleEntries(schema: Schema, last: Fields | undefined, item: Fields | undefined): Entries {
  return Object.fromEntries((schema.required ?? []).map((name) => {
    const one = schema.properties![name];
    const known = !isFlag(one) && typeOf(one) !== "string" ? last?.[name] ?? item?.[name] : item?.[name];
    const entry = known === undefined || known === null ? undefined : toEntries({ [name]: known })[name];
    return [name, entry ?? example(name, one)];
  }));
}
