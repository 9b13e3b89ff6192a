import type { Gate } from "../../api/types";
import { Interval } from "../../charts/Interval";
import { Badge } from "../../parts/Badge";
import { Stat } from "../../parts/Stat";
import { VerdictBadge } from "../../parts/VerdictBadge";
import { count, number, percent, signed, words } from "../../text/format";

const kBases = {
  randomised: "lists in a random order", corrected: "ranked lists, corrected for position", uncorrected: "ranked lists, not corrected", given: "lists as given", off_policy: "lists drawn by chance, each weighed by how likely it was",
};
const kStates = { passed: "good", failed: "bad", not_evaluated: "plain" } as const;

export function Evidence({ gate }: { gate: Gate | null }) {
  if (!gate?.verdict) return <p class="note">It never met the gate: a baseline or an import.</p>;
  return (
    <>
      <Interval gate={gate} />
      <p><VerdictBadge verdict={gate.verdict} /> {gate.reasons[0]}</p>
      {gate.reasons.slice(1).map((reason) => <p key={reason} class="note">{reason}</p>)}
      <dl class="stats small">
        <Stat name={`Challenger's ${gate.metric}`} value={number(gate.challenger)} />
        <Stat name="Champion's" value={number(gate.champion)} />
        <Stat name="Test requests" value={count(gate.n_requests)} note={`${count(gate.left_out)} left out`} />
        <Stat name="Looks" value={count(gate.looks)} note="since the last promotion" />
      </dl>
      {gate.basis && (
        <p class="note">
          Judged were {kBases[gate.basis]}{gate.randomised_share !== undefined && gate.randomised_share > 0 && `; ${percent(gate.randomised_share)} of them in a random order`}.
          {gate.randomised && ` Those alone (${count(gate.randomised.requests)}): ${signed(gate.randomised.delta)}, from ${signed(gate.randomised.ci[0])} to ${signed(gate.randomised.ci[1])}.`}
          {typeof gate.own_top_shown === "number" && ` The lists had ${percent(gate.own_top_shown, 0)} of what the challenger itself would show first.`}
        </p>
      )}
      <ul class="guardrails">
        {gate.guardrails.map((rail) => (
          <li key={rail.name}>
            <Badge tone={kStates[rail.state]}>{words(rail.state)}</Badge>
            {words(rail.name)}
            <span class="quiet-text">
              {rail.value !== null && ` ${number(rail.value)},`} {rail.at_most !== undefined ? `at most ${number(rail.at_most)}` : `at least ${number(rail.at_least)}`}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
