import type { PositionModel as Report } from "../../api/types";
import { Badge } from "../../parts/Badge";
import { Card } from "../../parts/Card";
import { Stat } from "../../parts/Stat";
import { count, number } from "../../text/format";

const kRejected = 0.05;

// Whether a position only decides who looks, or also what is picked of what was seen.
export function PositionModel({ report }: { report: Report }) {
  const rejected = report.p_value < kRejected;
  return (
    <Card title="Position and quality" note="Whether a pick's chance is the position's times the item's, as the weights of picks take it; by lists in a random order">
      <p>
        <Badge tone={rejected ? "warn" : "good"}>{rejected ? "does not fit" : "fits"}</Badge>{" "}
        {rejected ? "What a position does depends on how good the item is: people may trust what stands on top, or better items take picks from others of the list. Picks alone cannot tell which."
          : "The picks do not speak against it."}
      </p>
      <dl class="stats small">
        <Stat name="Chi-squared" value={number(report.chi_squared)} note={`${count(report.degrees)} degrees of freedom`} />
        <Stat name="p" value={report.p_value < 0.001 ? "below 0.001" : number(report.p_value)} note={`${count(report.picks)} picks`} />
        <Stat name="The weakest on top" value={`${count(report.worst_on_top)} picks`} note={`${number(report.worst_on_top_expected)} expected`} />
      </dl>
    </Card>
  );
}
