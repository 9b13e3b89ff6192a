import { useState } from "preact/hooks";
import { get } from "../../api/client";
import type { Drift as Report, DriftHistory } from "../../api/types";
import { Card } from "../../parts/Card";
import { Empty } from "../../parts/Empty";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import { ago, count, plural } from "../../text/format";
import { FeatureCard } from "./FeatureCard";
import { FeatureDialog } from "./FeatureDialog";
import { kMuch, kSome } from "./bounds";

const kEvery = 15_000;

async function read() {
  const [report, history] = await Promise.all([get<Report>("/monitoring/drift"), get<DriftHistory>("/monitoring/drift/history")]);
  return { report, history };
}

function headline(report: Report): string {
  const much = report.features.filter((feature) => feature.stability_index >= kMuch).length;
  const some = report.features.filter((feature) => feature.stability_index >= kSome).length - much;
  return much > 0 ? `${plural(much, "feature")} changed much` : some > 0 ? `${plural(some, "feature")} changed somewhat` : "Much the same population";
}

function overTime({ windows }: DriftHistory): string {
  if (windows.length < 2) return "A line over time needs 400 requests.";
  return `The lines: ${windows.length} windows of about ${count(windows[0].requests)} requests since ${ago(windows[0].from)}; dashes stand at ${kSome} and ${kMuch}. Choose a feature to see each window.`;
}

export function Drift() {
  const drift = usePoll(read, [], kEvery);
  const [chosen, choose] = useState<string>();
  return (
    <Loaded of={drift}>
      {({ report, history }) => {
        if (report.features.length === 0) {
          return (
            <Empty title="Nothing to compare yet">
              Drift needs a champion that was trained here, and requests after it. <a href="#/training">Train one</a>.
            </Empty>
          );
        }
        const sorted = [...report.features].sort((a, b) => b.stability_index - a.stability_index);
        const past = (name?: string) => history.features.find((feature) => feature.feature === name);
        const opened = past(chosen);
        return (
          <>
            <Card title={headline(report)}
              note={`The newest ${count(report.requests)} requests (${count(report.rows)} rows) against what model ${report.model_id} was trained on. ` +
                `The stability index: below ${kSome} much the same, above ${kMuch} another population. ${overTime(history)}`}
              action={<p class="keys"><span class="key"><i class="swatch then" />then</span><span class="key"><i class="swatch now" />now</span></p>}>
              <div class="features">
                {sorted.map((feature) => (
                  <FeatureCard key={feature.feature} feature={feature} history={past(feature.feature)} open={() => choose(feature.feature)} />
                ))}
              </div>
            </Card>
            {opened && <FeatureDialog key={chosen} history={history} feature={opened} close={() => choose(undefined)} />}
          </>
        );
      }}
    </Loaded>
  );
}
