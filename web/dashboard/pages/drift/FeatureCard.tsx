import type { FeatureDrift } from "../../api/types";
import { Distribution } from "../../charts/Distribution";
import { Badge } from "../../parts/Badge";
import { words } from "../../text/format";
import { kMuch, kSome } from "./bounds";

export function FeatureCard({ feature }: { feature: FeatureDrift }) {
  const index = feature.stability_index;
  return (
    <section class="feature" aria-label={words(feature.feature)}>
      <h3>{words(feature.feature)} <Badge tone={index >= kMuch ? "bad" : index >= kSome ? "warn" : "plain"}>{index.toFixed(3)}</Badge></h3>
      <Distribution feature={feature} />
    </section>
  );
}
