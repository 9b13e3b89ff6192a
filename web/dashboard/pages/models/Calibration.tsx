import type { Model } from "../../api/types";
import { Reliability } from "../../charts/Reliability";
import { number } from "../../text/format";

// How well a model's probabilities were kept on its test rows; nothing of one that was kept without its curve.
export function Calibration({ model }: { model: Model }) {
  const test = model.metrics?.test;
  if (!test?.calibration_curve?.length) return null;
  return (
    <>
      <h3 class="apart">Calibration</h3>
      <p class="note">What was picked of test rows with much the same probability, with 95 % bands; the calibration error is {number(test.calibration_error)}.
        Points below the line were promised too much.</p>
      <Reliability label={`Calibration of ${model.family} ${model.model_id}`} bins={test.calibration_curve} />
    </>
  );
}
