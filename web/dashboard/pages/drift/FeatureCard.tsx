import type { FeatureDrift, FeatureHistory, HistoryMeaning } from "../../api/types";
import { Distribution } from "../../charts/Distribution";
import { Sparkline } from "../../charts/Sparkline";
import { Badge } from "../../parts/Badge";
import { fixed, words } from "../../text/format";
import { toneOf } from "./bounds";

interface Props {
  feature: FeatureDrift;
  judged: boolean;  // a high index is an alarm
  history?: FeatureHistory;
  happened?: HistoryMeaning;  // of a feature of what happened before
  open: () => void;
}

// A feature then and now, and how its index went; a click shows it in every window.
export function FeatureCard({ feature, judged, history, happened, open }: Props) {
  const index = feature.stability_index;
  const tone = (value: number) => judged ? toneOf(value) : "plain";
  return (
    <section class="feature" aria-label={words(feature.feature)}>
      <h3>
        <button type="button" class="link" aria-label={`${words(feature.feature)}, over time`} onClick={open}>{words(feature.feature)}</button>
        <Badge tone={tone(index)}>{fixed(index, 3)}</Badge>
      </h3>
      <Distribution feature={feature} history={happened} />
      {happened && <small class="quiet-text">{happened.means}</small>}
      {history && history.stability_indexes.length > 1 && <Sparkline values={history.stability_indexes} tone={tone(history.stability_indexes.at(-1)!)} />}
    </section>
  );
}
