import type { Experiment } from "../../api/types";
import { number, percent, signed, words } from "../../text/format";

const kNames: Record<string, string> = {
  pick_rate: "Share of the lists with a pick",
  value: "Value of the picks of a list",
  picks: "Picked items of a list",
  outcome_rate: "Share of the lists with any feedback",
  none_rate: "Share of the lists with none chosen",
  reward: "What all feedback of a list is worth",
};

// What picks of lists of both arms say of each.
const kDescribedOfAnArm: Record<string, string> = {
  pick_rate: "Share of the lists that an arm won: its picks are more than the other's",
  value: "Value of the picks that an arm is credited with, of a list",
  picks: "Picks that an arm is credited with, of a list",
  reward: "What an arm's items of a list earned",
};
const kNamesOfAnArm: Record<string, string> = {
  pick_rate: "lists won", value: "credited value", picks: "credited picks", reward: "credited reward",
};

export function isRate(metric: string): boolean {
  return metric.endsWith("_rate");
}

// The kind of feedback that a metric is of.
function kindOf(metric: string): string {
  return words(metric.replace(/_(rate|value)$/, ""));
}

export function nameOf(metric: string, { method }: Pick<Experiment, "method">): string {
  return (method === "interleaving" && kNamesOfAnArm[metric]) || words(metric);
}

export function describe(metric: string, { method }: Pick<Experiment, "method">): string {
  if (method !== "interleaving")
    return kNames[metric] ?? (isRate(metric) ? `Share of the lists with “${kindOf(metric)}”` : `Sum of the values of “${kindOf(metric)}” of a list`);
  return kDescribedOfAnArm[metric] ?? (isRate(metric) ? `Share of the lists that an arm won by “${kindOf(metric)}”`
    : `Values of “${kindOf(metric)}” that an arm is credited with, of a list`);
}

export function figure(metric: string, value: number | null): string {
  return isRate(metric) ? percent(value) : number(value);
}

export function difference(metric: string, value: number | null): string {
  if (!isRate(metric) || value === null) return signed(value);
  return `${value > 0 ? "+" : ""}${percent(value)}`.replace(" %", " points");
}

// The unit stands once, behind both ends.
export function between(pair: number[] | null, write: (value: number) => string): string {
  if (!pair) return "not known yet";
  const [low, high] = pair.map((value) => write(value));
  const unit = / (%|points)$/.exec(high)?.[0] ?? "";
  return `${unit && low.endsWith(unit) ? low.slice(0, -unit.length) : low} to ${high}`;
}

export const kConclusions = ["winner", "no_difference", "harmful", "invalid", "abandoned"];

