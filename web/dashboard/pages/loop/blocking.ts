import type { LoopReport } from "../../api/types";
import { plural } from "../../text/format";
import type { LoopState } from "./readLoop";

export interface Blocking {
  sentence: string;
  step: { text: string; href: string };
}

const kAgainst = ["rejected", "insufficient_evidence"];

// One sentence on what the next promotion waits for, and the next step.
export function blocking(loop: LoopState, report?: LoopReport): Blocking {
  const toTraining = { text: "Go to Training", href: "#/training" };
  const passed = [...loop.models].reverse().find((model) =>
    model.verdict === "promote" && !model.champion && model.model_id > (loop.champion?.model_id ?? 0));
  if (passed) {
    return { sentence: `Model ${passed.model_id} (${passed.family}) passed the gate and waits for somebody to promote it.`,
      step: { text: "Look and decide", href: `#/models/${passed.model_id}` } };
  }
  if (!loop.champion) {
    const needed = report?.arrows.find((arrow) => arrow.to === "trained")?.says;
    return { sentence: `No model answers yet, the order is random${needed ? `: ${needed}` : ""}.`, step: toTraining };
  }
  if (loop.training) {
    return { sentence: "A training is under way; its model meets the gate next.", step: { text: "Watch it", href: "#/training" } };
  }
  if (report && report.lists.picked + report.lists.none === 0) {
    return loop.items === 0
      ? { sentence: "There is nothing to rank yet.", step: { text: "Fill the catalog", href: "#/catalog" } }
      : { sentence: "Nothing was picked yet, so there is nothing to learn from.", step: { text: "Be the first to ask", href: "#/try" } };
  }
  const verdict = loop.history.find((event) => event.what === "promoted" || event.what === "rolled_back" || kAgainst.includes(event.what));
  if (verdict && kAgainst.includes(verdict.what)) {
    return { sentence: `The gate held model ${verdict.model_id} back: ${verdict.reason}`,
      step: { text: "See its evidence", href: `#/models/${verdict.model_id}` } };
  }
  if (report?.arrows.some((arrow) => arrow.to === "trained" && arrow.health === "broken")) {
    return { sentence: "The last training failed.", step: toTraining };
  }
  const fresh = report ? ` ${plural(report.new_outcomes, "request")} with an outcome came since the last training.` : "";
  return { sentence: `Nobody challenges the champion until the next training.${fresh}`, step: toTraining };
}
