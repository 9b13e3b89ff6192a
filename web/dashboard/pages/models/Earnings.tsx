import type { EvaluationResult } from "../../api/types";
import { Estimates } from "../../charts/Estimates";
import { Badge } from "../../parts/Badge";
import { Stat } from "../../parts/Stat";
import { clock, count, number, percent } from "../../text/format";

// What the estimates are called, and how they come about.
const kEstimates: Record<string, [string, string]> = {
  ips: ["By positions", "weights alone"],
  clipped_ips: ["By positions, cut", "great weights are cut: steadier, a little off"],
  snips: ["By positions, even", "weights that average to 1"],
  rips: ["From the top down", "weights of an item and all above it"],
  dm: ["By a model", "of the reward alone; as good as the model"],
  dr: ["Model and weights", "right where either is"],
  sndr: ["Model and weights, even", "weights that average to 1"],
  switch_dr: ["Model or weights", "the model alone where weights are great"],
  dros: ["Model and shrunk weights", "great weights shrink"],
  cascade_dr: ["Model and weights from the top", "of an item and all above it"],
  pbm: ["By what is looked at", "an item's showings at all positions count"],
  pbm_dr: ["Model, and what is looked at", "right where either is"],
};

function Sentences({ title, tone, sentences }: { title: string; tone: "bad" | "warn" | "plain"; sentences: string[] }) {
  if (sentences.length === 0) return null;
  return (
    <div class="sentences">
      <p><Badge tone={tone}>{title}</Badge></p>
      <ul>{sentences.map((sentence) => <li key={sentence}>{sentence}</li>)}</ul>
    </div>
  );
}

// What an evaluation came to: estimates beside what was logged, what they rest on, and what is missing.
export function Earnings({ evaluation }: { evaluation: EvaluationResult }) {
  const { report, requests, logs } = evaluation;
  const rows = [
    { name: "The log's own", note: "as it was shown", value: report.logged.value, interval: report.logged.interval, own: true },
    ...report.estimates.map((each) => {
      const [name, note] = kEstimates[each.estimator] ?? [each.estimator, ""];
      return { name, note, value: each.value, interval: each.interval };
    }),
  ];
  const effective = report.weights.effective;
  return (
    <>
      <Sentences title="no answer" tone="bad" sentences={report.refusals} />
      <Sentences title="what would help" tone="plain" sentences={evaluation.next_steps} />
      {report.estimates.length > 0 && <Estimates rows={rows} confidence={percent(evaluation.confidence, 0)} />}
      <dl class="stats small">
        <Stat name="Lists" value={count(report.lists)} note={`of ${count(report.people)} people`} />
        <Stat name="They say as much as" value={count(effective)} note={`of ${count(report.items)} items, without weights`} />
        <Stat name="Never shown" value={percent(Math.max(0, 1 - report.weights.mean))} note="of what it would show" />
        <Stat name="Largest weight" value={number(report.weights.largest)} note={`${percent(report.weights.clipped_share)} above ${number(evaluation.clip)}`} />
      </dl>
      <Sentences title="mind" tone="warn" sentences={report.warnings} />
      <p class="note">
        {count(requests.used)} of {count(requests.read)} requests count
        {requests.earliest && requests.latest && `, from ${clock(requests.earliest)} to ${clock(requests.latest)}`};
        {` ${percent(logs.randomised_share)} of them were answered in a random order.`}
        {logs.older_catalog > 0 && ` ${count(logs.older_catalog)} were ranked from an older catalog, and are ranked again from that.`}
      </p>
      {requests.left_out.length > 0 && (
        <ul class="note">
          {requests.left_out.map((each) => <li key={each.reason}>{count(each.requests)} left out: {each.because}</li>)}
        </ul>
      )}
    </>
  );
}
