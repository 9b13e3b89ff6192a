import type { Fields } from "../../api/types";

// Whether an item meets every word of a search: a bound on a number (price<100), the name of a flag that is set, or a
// text or number that stands in a field.
export function matches(item: Fields, search: string): boolean {
  return search.toLowerCase().split(/\s+/).filter((word) => word !== "").every((word) => meets(item, word));
}

function meets(item: Fields, word: string): boolean {
  const bound = /^([a-z0-9_]+)([<>=])(-?[0-9.]+)$/.exec(word);
  if (bound) {
    const [, name, sign, text] = bound;
    const [value, limit] = [item[name], Number(text)];
    if (typeof value !== "number") return false;
    return sign === "<" ? value < limit : sign === ">" ? value > limit : value === limit;
  }
  return Object.entries(item).some(([name, value]) => {
    if (typeof value === "boolean") return value && name.toLowerCase().includes(word);
    if (typeof value === "number") return Number.isInteger(value) && String(value) === word;
    return typeof value === "string" && value.toLowerCase().includes(word);
  });
}
