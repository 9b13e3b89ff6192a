import type { LoopReport } from "../../api/types";
import { ago, count, plural, span } from "../../text/format";
import type { LoopState } from "./readLoop";

// A step of the loop and what it has done so far.
export interface Station {
  name: string;
  figure: string;
  note: string;
}

const kVerdicts = { promote: "let through", reject: "turned down", insufficient_evidence: "too little evidence" };

// The seven steps; arrow i leads from step i to the next.
export function stationsOf(loop: LoopState, report: LoopReport): Station[] {
  const trained = loop.models.filter((model) => model.verdict !== null).length;
  const sinceTraining = report.arrows.find((arrow) => arrow.to === "trained")?.lag_seconds ?? null;
  const promoted = loop.history.filter((event) => event.what === "promoted");
  const judged = loop.history.find((event) => event.detail?.verdict);
  return [
    { name: "Requests", figure: count(loop.system.store.requests), note: report.waiting > 0 ? `${count(report.waiting)} waiting` : "none waiting" },
    { name: "Scored", figure: count(Math.max(0, loop.system.store.requests - report.waiting)), note: loop.system.workers > 0 ? `by ${plural(loop.system.workers, "worker")} here` : "by other processes" },
    { name: "Shown", figure: count(report.lists.shown), note: "lists" },
    { name: "Picked", figure: count(report.lists.picked), note: `${count(report.lists.none)} chose none` },
    { name: "Trained", figure: loop.training ? "under way" : plural(trained, "model"), note: sinceTraining === null ? "not yet" : `${span(sinceTraining)} ago` },
    { name: "Gated", figure: judged ? `model ${judged.model_id}` : "nothing yet", note: judged ? kVerdicts[judged.detail!.verdict!] : "no model was judged" },
    { name: "Promoted", figure: plural(promoted.length, "time"), note: promoted[0] ? ago(promoted[0].at) : "not yet" },
  ];
}
