import type { Examination as Report } from "../../api/types";
import { RateBand } from "../../charts/RateBand";
import { Card } from "../../parts/Card";
import { count, words } from "../../text/format";

const kPicks = ["pick", "reward", "value"];
const kLooked = "How likely people look at a position, as a share of those who look at the first";

// Which evidence it rests on, and what that can tell: where people pick once, swaps know what a position draws only.
function noteOf({ kind, evidence, requests, picks }: Report): string {
  const events = kPicks.includes(kind) ? "picks" : `events “${words(kind)}”`;
  return evidence === "swaps"
    ? `How many ${events} a position draws for the same item, as a share of the first, with 95 % bands; from swaps between models: ${count(picks)} ${events} of ` +
      `items that models which share the traffic put at different places, in ${count(requests)} lists`
    : `${kLooked}, with 95 % bands; from ${count(requests)} lists in a random order and their ${count(picks)} ${events}`;
}

// What position bias is corrected by.
export function Examination({ report }: { report: Report | null }) {
  if (report === null) {
    return (
      <Card title="Examination" note={kLooked}>
        <p class="note">No list was shown in a random order, and too few were shared by models that differ, so nothing can be known of
          it; <code>exploration.share</code> shows some.</p>
      </Card>
    );
  }
  const most = Math.max(1, ...report.positions.map(({ examination, ci }) => ci?.[1] ?? examination));
  return (
    <Card title="Examination" note={noteOf(report)}>
      <div class="scroll" tabIndex={0} role="region" aria-label="Table of examination by position">
        <table class="close">
          <thead><tr><th scope="col" class="num">Position</th><th scope="col">{report.evidence === "swaps" ? "Draws" : "Looked at"}</th></tr></thead>
          <tbody>
            {report.positions.map((one) => (
              <tr key={one.position}>
                <th scope="row" class="num">{one.position}</th>
                <td class="wide-band"><RateBand rate={one.examination} band={one.ci ?? [one.examination, one.examination]} scale={[0, most]} wide /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
