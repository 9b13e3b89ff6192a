import { get } from "../../api/client";
import type { Drift as Report } from "../../api/types";
import { Card } from "../../parts/Card";
import { Empty } from "../../parts/Empty";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import { count, plural } from "../../text/format";
import { FeatureCard } from "./FeatureCard";
import { kMuch, kSome } from "./bounds";

const kEvery = 15_000;

export function Drift() {
  const drift = usePoll(() => get<Report>("/monitoring/drift"), [], kEvery);
  return (
    <Loaded of={drift}>
      {(report) => {
        if (report.features.length === 0) {
          return (
            <Empty title="Nothing to compare yet">
              Drift needs a champion that was trained here, and requests after it. <a href="#/training">Train one</a>.
            </Empty>
          );
        }
        const sorted = [...report.features].sort((a, b) => b.stability_index - a.stability_index);
        const much = sorted.filter((feature) => feature.stability_index >= kMuch).length;
        const some = sorted.filter((feature) => feature.stability_index >= kSome).length - much;
        return (
          <Card title={much > 0 ? `${plural(much, "feature")} changed much` : some > 0 ? `${plural(some, "feature")} changed somewhat` : "Much the same population"}
            note={`The newest ${count(report.requests)} requests (${count(report.rows)} rows) against what model ${report.model_id} was trained on. ` +
              `The stability index: below ${kSome} much the same, above ${kMuch} another population.`}
            action={<p class="keys"><span class="key"><i class="swatch then" />then</span><span class="key"><i class="swatch now" />now</span></p>}>
            <div class="features">{sorted.map((feature) => <FeatureCard key={feature.feature} feature={feature} />)}</div>
          </Card>
        );
      }}
    </Loaded>
  );
}
