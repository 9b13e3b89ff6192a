// Values of histories as people read them, by what they are.
import type { History } from "../api/types";
import { number, percent, plural, span } from "./format";

const kDay = 86_400;  // seconds

function times(value: number): string {
  return Number.isInteger(value) ? plural(value, "time") : `${number(value)} times`;
}

export function historyValue({ unit, value }: Pick<History, "unit" | "value">): string {
  if (value === null) return "absent";
  if (typeof value !== "number") return value.length === 0 ? "none yet" : value.map((one) => one ?? "–").join(", ");
  switch (unit) {
    case "times": return times(value);
    case "rate":
    case "share": return percent(value);
    case "days": return span(kDay * value);
    default: return number(value);
  }
}
