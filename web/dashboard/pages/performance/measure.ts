// What the charts of the page speak of: one kind of feedback, the reward or the value of all, counted in lists or in worth.
import type { OutcomeCounts, Performance } from "../../api/types";
import { number, percent, words } from "../../text/format";

const kOfEveryDomain = 3;  // targets: the reward, the value, and picks
const kSteps = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];  // of round percents

type Band = [number, number];

// "share": in how many lists, or of how many shows; "mean": what it was worth for each.
export type Way = "share" | "mean";

export interface Measure {
  way: Way;
  name: string;   // of the figure: "Pick rate", "“buy” in a list", "Reward of a list"
  says: string;   // the same in a sentence
  of: (counts: OutcomeCounts) => number | null;
  band: (counts: OutcomeCounts) => Band | null;
  unit: (value: number) => string;
  steps?: number[];
  tick?: (value: number, step: number) => string;
}

// Where there are picks alone, reward and value are theirs.
export function hasPicksAlone(report: Performance): boolean {
  return report.targets.length <= kOfEveryDomain;
}

export function kindOf(report: Performance): string {
  return hasPicksAlone(report) ? "pick" : report.outcomes.kind;
}

export function nameOfKind(kind: string): string {
  return kind === "reward" ? "reward" : kind === "value" ? "value" : `“${words(kind)}”`;
}

// What is asked about first: of rewards how much, of a kind how often.
export function ownWay(kind: string): Way {
  return kind === "reward" || kind === "value" ? "mean" : "share";
}

function shareOf(kind: string): { name: string; says: string } {
  if (kind === "pick") return { name: "Pick rate", says: "The share of lists that end in a pick" };
  if (kind === "reward") return { name: "Rewarded lists", says: "The share of lists of which something earned a reward" };
  if (kind === "value") return { name: "Lists with a value", says: "The share of lists of which something came with a value" };
  return { name: `Lists with ${nameOfKind(kind)}`, says: `The share of lists of which ${nameOfKind(kind)} was told` };
}

function meanOf(kind: string, valued: boolean): { name: string; says: string } {
  if (kind === "pick") return { name: "Value of a list", says: "The mean value of a list's picks" };
  if (kind === "reward") return { name: "Reward of a list", says: "The mean reward of a list" };
  if (kind === "value") return { name: "Value of a list", says: "The mean value of a list, whatever came with it" };
  return valued ? { name: `Value of ${nameOfKind(kind)}`, says: `The mean value of a list that came with ${nameOfKind(kind)}` }
    : { name: `Items with ${nameOfKind(kind)}`, says: `The mean number of a list's items of which ${nameOfKind(kind)} was told` };
}

export function measureOf(report: Performance, way: Way): Measure {
  const kind = kindOf(report);
  if (way === "share") {
    return {
      way, ...shareOf(kind), of: ({ share }) => share, band: ({ share_ci }) => share_ci as Band | null, unit: percent, steps: kSteps,
      tick: (rate, step) => percent(rate, step < 0.01 ? 1 : 0),
    };
  }
  return {
    way, ...meanOf(kind, report.outcomes.valued), of: ({ mean }) => mean, band: ({ mean_ci }) => mean_ci as Band | null, unit: number,
  };
}
