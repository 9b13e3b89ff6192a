import type { Performance } from "../../api/types";

// Whether more is told of lists than picks, and that none was chosen.
export function hasOtherKinds(report: Performance): boolean {
  return report.feedback.some((told) => told.kind !== "pick" && told.kind !== "none");
}
