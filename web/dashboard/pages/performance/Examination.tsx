import type { Examination as Report } from "../../api/types";
import { RateBand } from "../../charts/RateBand";
import { Card } from "../../parts/Card";
import { count } from "../../text/format";

// How likely a position is looked at, relative to the first: what position bias is corrected by.
export function Examination({ report }: { report: Report | null }) {
  if (report === null) {
    return (
      <Card title="Examination" note="How likely people look at a position, as a share of those who look at the first">
        <p class="note">No list was shown in a random order, so nothing can be known of it; <code>exploration.share</code> shows some.</p>
      </Card>
    );
  }
  const most = Math.max(1, ...report.positions.map(({ examination, ci }) => ci?.[1] ?? examination));
  return (
    <Card title="Examination"
      note={`How likely people look at a position, as a share of those who look at the first, with 95 % bands; from ${count(report.requests)} lists in a random order and their ${count(report.picks)} picks`}>
      <div class="scroll" tabIndex={0} role="region" aria-label="Table of examination by position">
        <table class="close">
          <thead><tr><th scope="col" class="num">Position</th><th scope="col">Looked at</th></tr></thead>
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
