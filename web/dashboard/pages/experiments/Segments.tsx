import { domain } from "../../api/domain";
import { get } from "../../api/client";
import type { Experiment, ExperimentSegments } from "../../api/types";
import { Loaded } from "../../parts/Loaded";
import { keepInAddress } from "../../state/route";
import { usePoll } from "../../state/usePoll";
import { count, error, percent, title, words } from "../../text/format";
import { between, difference, figure, nameOf } from "./metrics";

interface Props {
  experiment: Experiment;
  field: string;
}

// The primary metric in parts of the requests that are alike in a field.
export function Segments({ experiment, field }: Props) {
  const known = usePoll(domain, []);
  return (
    <>
      <Loaded of={known} room={4}>
        {({ request }) => (
          <label class="beside">
            <span>by</span>
            <select value={field} onChange={(event) => keepInAddress({ field: event.currentTarget.value })}>
              <option value="">choose a field</option>
              {Object.keys(request.properties ?? {}).filter((name) => name !== "user_key" && name !== "candidates").map((name) => <option key={name} value={name}>{words(name)}</option>)}
            </select>
          </label>
        )}
      </Loaded>
      {field !== "" && <Parts experiment={experiment} field={field} />}
    </>
  );
}

function Parts({ experiment, field }: Props) {
  const parts = usePoll(
    () => get<ExperimentSegments>(`/experiments/${experiment.experiment_id}/segments?field=${encodeURIComponent(field)}`),
    [experiment.experiment_id, field]);
  return (
    <Loaded of={parts} room={12}>
      {({ segments }) => segments.length === 0 ? <p class="note">Nobody saw a list of this experiment yet.</p> : (
        <div class="scroll" tabIndex={0} role="region" aria-label={`Segments by ${words(field)}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">{title(words(field))}</th><th scope="col">Arm</th><th scope="col" class="num">Lists</th><th scope="col" class="num">{title(nameOf(experiment.primary, experiment))}</th>
                <th scope="col" class="num">Difference</th><th scope="col" class="num">Lift</th><th scope="col" class="num">p</th>
              </tr>
            </thead>
            <tbody>{segments.flatMap((segment) => rowsOf(segment))}</tbody>
          </table>
        </div>
      )}
    </Loaded>
  );
}

function rowsOf(segment: ExperimentSegments["segments"][number]) {
  const { metric } = segment;
  return segment.arms.map((arm, index) => {
    const comparison = segment.comparisons.find((one) => one.arm === arm.arm);
    return (
      <tr key={`${segment.value} ${arm.arm}`}>
        <th scope="row">{index === 0 ? segment.value : <span class="hidden">{segment.value}</span>}</th>
        <td>{arm.arm}</td>
        <td class="num">{count(arm.requests)}</td>
        <td class="num">{figure(metric, arm.mean)}<small class="under"> {between(arm.interval, (value) => figure(metric, value))}</small></td>
        {comparison ? (
          <>
            <td class="num">{difference(metric, comparison.difference)}<small class="under"> {between(comparison.band, (value) => difference(metric, value))}</small></td>
            <td class="num">{percent(comparison.lift)}</td>
            <td class="num">{error(comparison.p_adjusted)}</td>
          </>
        ) : <td colSpan={3} class="quiet-text">the control</td>}
      </tr>
    );
  });
}
