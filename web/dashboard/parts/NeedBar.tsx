import type { Needs } from "../api/types";
import { count } from "../text/format";

// How far the evidence has come: requests with an outcome, of those that it takes until the gate can judge a model, and
// where a training may begin before that.
export function NeedBar({ needs }: { needs: Needs }) {
  const most = Math.max(needs.gate, needs.training, 1);
  const share = Math.min(1, needs.outcomes / most);
  const enough = needs.outcomes >= most;
  return (
    <div class="need">
      <svg viewBox="0 0 400 12" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width="400" y="2" height="8" rx="4" />
        <rect class={enough ? "full" : "part"} width={400 * share} y="2" height="8" rx="4" />
        {needs.training < most && <line x1={400 * needs.training / most} x2={400 * needs.training / most} y1="0" y2="12" />}
      </svg>
      <p>
        <b>{needs.outcomes_at_least ? "at least " : ""}{count(needs.outcomes)}</b> of about <b>{count(needs.gate)}</b> requests with an outcome until the gate can judge
        <small> {enough ? "enough to train and to judge" : `a training may begin at ${count(needs.training)}, but ends in too little evidence before`}</small>
      </p>
    </div>
  );
}
