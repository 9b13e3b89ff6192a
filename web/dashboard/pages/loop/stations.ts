import { quantile } from "../../api/metrics";
import { ago, count, number, plural, seconds } from "../../text/format";
import type { LoopState } from "./readLoop";
import type { Paces } from "./usePaces";

export interface Station {
  name: string;
  figure: string;
  note: string;
  pace: number;  // events a second; 0: nothing flows
  health: "good" | "warn" | "bad";
}

const kLookBack = 5;
const kManyWaiting = 1000;

// The mean of the last few looks, so that the figure can be read.
function recent(values: (number | null)[]): number {
  const seen = values.slice(-kLookBack).filter((value): value is number => value !== null);
  return seen.length === 0 ? 0 : seen.reduce((sum, value) => sum + value, 0) / seen.length;
}

function perTime(pace: number): string {
  if (pace === 0) return "still";
  return pace >= 1 ? `${number(pace)} /s` : `${number(pace * 60)} /min`;
}

function lastTime(loop: LoopState, what: string[]): string {
  const event = loop.history.find((one) => what.includes(one.what));
  return event ? ago(event.at) : "not yet";
}

// The seven steps of the loop; the health and the pace belong to the arrow that leads to a step.
export function stationsOf(loop: LoopState, paces: Paces): Station[] {
  const [requests, scored, picks, none] = [paces.requests, paces.scored, paces.picks, paces.none].map(recent);
  const trained = loop.models.filter((model) => model.verdict !== null).length;
  const running = loop.training?.state === "running" || loop.training?.state === "ready";
  const failed = loop.training?.state === "failed";
  const promotions = loop.history.filter((event) => event.what === "promoted").length;
  const judged = loop.history.find((event) => event.detail?.verdict);
  const p95 = paces.total && quantile(paces.total, 0.95);
  return [
    { name: "Requests", figure: perTime(requests), note: paces.waiting > 0 ? `${count(paces.waiting)} waiting` : "none waiting",
      pace: requests, health: "good" },
    { name: "Scored", figure: perTime(scored), note: p95 === undefined ? "no task yet" : `95 % within ${seconds(p95)}`,
      pace: scored, health: paces.waiting > kManyWaiting ? "bad" : paces.failed > 0 ? "warn" : "good" },
    { name: "Shown", figure: perTime(paces.shown ?? 0), note: `${plural(loop.shown, "list")} so far`,
      pace: paces.shown ?? 0, health: "good" },
    { name: "Picked", figure: perTime(picks), note: `${count(loop.picked)} picks, ${count(loop.none)} none`,
      pace: picks + none, health: "good" },
    { name: "Trained", figure: running ? "running" : plural(trained, "model"),
      note: failed ? "the last one failed" : loop.training ? ago(loop.training.created) : "not yet",
      pace: running ? 1 : 0, health: failed ? "bad" : "good" },
    { name: "Gated", figure: judged ? `model ${judged.model_id}` : "nothing yet",
      note: judged ? { promote: "let through", reject: "turned down", insufficient_evidence: "too little evidence" }[judged.detail!.verdict!] : "no model was judged",
      pace: 0, health: "good" },
    { name: "Promoted", figure: plural(promotions, "time"), note: lastTime(loop, ["promoted"]), pace: 0, health: "good" },
  ];
}
