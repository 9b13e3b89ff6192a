import { useState } from "preact/hooks";
import { get } from "../../api/client";
import type { Performance as Report } from "../../api/types";
import { Card } from "../../parts/Card";
import { usePoll } from "../../state/usePoll";
import { words } from "../../text/format";
import { Examination } from "./Examination";
import { PositionModel } from "./PositionModel";

const kOfEveryDomain = 3;  // the reward, the value, and picks
const kNames: Record<string, string> = { reward: "any reward", value: "any value" };

// What positions do to what is chosen, by the kind of feedback that is asked for; at first by what is learned.
export function PositionBias({ report, every }: { report: Report; every: number }) {
  const [kind, setKind] = useState(report.chosen_by);
  const asked = usePoll(async () => kind === report.chosen_by ? report : get<Report>(`/monitoring/performance?kind=${encodeURIComponent(kind)}`), [kind], every);
  const shown = kind === report.chosen_by ? report : asked.value;
  return (
    <>
      {report.targets.length > kOfEveryDomain && (
        <Card title="Position bias" note="What positions do differs between kinds of feedback: a click needs a look, a purchase more">
          <label>Goes by
            <select value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
              {report.targets.map((name) => <option key={name} value={name}>{kNames[name] ?? words(name)}</option>)}
            </select>
          </label>
        </Card>
      )}
      {shown && <Examination report={shown.examination} />}
      {shown?.position_model && <PositionModel report={shown.position_model} />}
    </>
  );
}
