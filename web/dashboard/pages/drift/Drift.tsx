import { useRef, useState } from "preact/hooks";
import { get } from "../../api/client";
import { histories } from "../../api/domain";
import type { Drift as Report, DriftHistory, FeatureDrift, Side } from "../../api/types";
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
  const [report, history, happened] = await Promise.all([
    get<Report>("/monitoring/drift"), get<DriftHistory>("/monitoring/drift/history"), histories(),
  ]);
  return { report, history, happened };
}

function of(side: Side, report: Report): FeatureDrift[] {
  return report.features.filter((feature) => feature.side === side);
}

// Only who asks is judged: what was shown changes by itself when another model answers.
function headline(report: Report): string {
  if (report.requests < report.telling_requests) return `Too few requests to tell: ${count(report.requests)} of ${count(report.telling_requests)}`;
  const features = of("request", report);
  const much = features.filter((feature) => feature.stability_index >= kMuch).length;
  const some = features.filter((feature) => feature.stability_index >= kSome).length - much;
  return much > 0 ? `Who asks: ${plural(much, "feature")} changed much` : some > 0 ? `Who asks: ${plural(some, "feature")} changed somewhat` : "Who asks: much the same people";
}

function overTime({ windows }: DriftHistory): string {
  if (windows.length < 2) return "A line over time needs 400 requests.";
  return `The lines: ${windows.length} windows of about ${count(windows[0].requests)} requests since ${ago(windows[0].from)}; dashes stand at ${kSome} and ${kMuch}. Choose a feature to see each window.`;
}

// The order that the features had first: a later look changes their figures, not their places.
function useOrder(features: FeatureDrift[] | undefined): (feature: FeatureDrift) => number {
  const order = useRef(new Map<string, number>());
  for (const { feature } of [...features ?? []].sort((a, b) => b.stability_index - a.stability_index)) {
    if (!order.current.has(feature)) order.current.set(feature, order.current.size);
  }
  return ({ feature }) => order.current.get(feature) ?? 0;
}

export function Drift() {
  const drift = usePoll(read, [], kEvery);
  const place = useOrder(drift.value?.report.features);
  const [chosen, choose] = useState<string>();
  return (
    <Loaded of={drift} room={60}>
      {({ report, history, happened }) => {
        if (report.features.length === 0) {
          return (
            <Empty title="Nothing to compare yet">
              Drift needs a champion that was trained here, and requests after it. <a href="#/training">Train one</a>.
            </Empty>
          );
        }
        const tells = report.requests >= report.telling_requests;
        const past = (name?: string) => history.features.find((feature) => feature.feature === name);
        const opened = past(chosen);
        const cards = (side: Side) => (
          <div class="features">
            {of(side, report).sort((a, b) => place(a) - place(b)).map((feature) => (
              <FeatureCard key={feature.feature} feature={feature} judged={tells && side === "request"} history={past(feature.feature)}
                happened={happened.get(feature.feature)} open={() => choose(feature.feature)} />
            ))}
          </div>
        );
        return (
          <>
            <Card title={headline(report)}
              note={`The newest ${count(report.requests)} requests against what model ${report.model_id} was trained on. ` +
                (tells ? `The stability index: below ${kSome} much the same, above ${kMuch} another population. ` : "With so few, chance alone moves the indexes. ") + overTime(history)}
              action={<p class="keys"><span class="key"><i class="swatch then" />then</span><span class="key"><i class="swatch now" />now</span></p>}>
              {cards("request")}
            </Card>
            <Card title="What was shown"
              note={`The items on their lists (${count(report.rows)} rows). Another model shows other items, so this changes by itself and is no alarm.`}>
              {cards("item")}
            </Card>
            {opened && <FeatureDialog key={chosen} history={history} feature={opened} happened={happened.get(opened.feature)} close={() => choose(undefined)} />}
          </>
        );
      }}
    </Loaded>
  );
}
