import type { Lineage } from "../../api/types";
import { count, percent } from "../../text/format";

interface Step {
  name: string;
  requests: number;
  note?: string;
}

function stepsOf(lineage: Lineage): Step[] {
  const { requests = 0, none_chosen = 0, without_outcome = 0, unreadable = 0 } = lineage;
  const dropped = [without_outcome > 0 && `${count(without_outcome)} without an outcome`,
    unreadable > 0 && `${count(unreadable)} unreadable`].filter(Boolean);
  return [
    { name: "in the window", requests: requests + without_outcome + unreadable },
    { name: "with an outcome", requests, note: dropped.length > 0 ? `left out: ${dropped.join(", ")}` : "nothing was left out" },
    { name: "with a pick", requests: requests - none_chosen, note: `${count(none_chosen)} chose none, which teaches too` },
    { name: "to train on", requests: lineage.train_requests ?? 0, note: "the oldest" },
    { name: "to validate on", requests: lineage.validation_requests ?? 0, note: "early stopping and calibration" },
    { name: "to test on", requests: lineage.test_requests ?? 0, note: "the newest, which no model has seen" },
  ];
}

export function Funnel({ lineage }: { lineage: Lineage }) {
  if (lineage.requests === undefined) return <p class="note">This model did not learn from the ledger.</p>;
  const steps = stepsOf(lineage);
  const most = Math.max(steps[0].requests, 1);
  return (
    <ol class="funnel">
      {steps.map((step) => (
        <li key={step.name}>
          <span><b>{count(step.requests)}</b> {step.name} <small>{step.note}</small></span>
          <svg viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={percent(step.requests / most, 0)}>
            <rect width={100 * step.requests / most} height="8" rx="1" />
          </svg>
        </li>
      ))}
    </ol>
  );
}
