import type { Experiment, ExperimentReport } from "../../api/types";
import { count, errorNamed } from "../../text/format";

interface Props {
  report: ExperimentReport;
  experiment: Experiment;
}

// Whether the arms have those that they were to get; an alarm where they do not.
export function SampleRatio({ report, experiment: { method, unit } }: Props) {
  const { arms, alarm, p } = report.sample_ratio;
  if (report.requests === 0) return null;
  const told = arms.map((arm) => `${arm.arm} ${count(arm.counted)} for ${count(arm.expected)}`).join(", ");
  // Interleaved arms have everybody together; which of them opens a list is chance.
  const who = unit === "person" ? "people that they were to get" : "requests that they were to get";
  const what = method === "interleaving" ? "first places that a coin was to give them" : who;
  if (!alarm) return <p class="note">The arms have the {what}: {told} ({errorNamed(p)}).</p>;
  return (
    <div class="notice bad" role="alert">
      <span><b>Sample ratio mismatch.</b> The arms do not have the {what}: {told} ({errorNamed(p)}). Nothing below can be believed until it is known why.</span>
    </div>
  );
}
