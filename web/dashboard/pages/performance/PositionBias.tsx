import type { Performance as Report } from "../../api/types";
import { Examination } from "./Examination";
import { PositionModel } from "./PositionModel";

// What positions do to what is chosen, by the kind of feedback that the page speaks of: a click needs a look, a purchase more.
export function PositionBias({ report }: { report: Report }) {
  return (
    <>
      <Examination report={report.examination} />
      {report.position_model && <PositionModel report={report.position_model} />}
    </>
  );
}
