import type { FeatureDrift, HistoryMeaning } from "../api/types";
import { historyValue } from "../text/histories";
import { number, percent } from "../text/format";

const kHeight = 84;
const kWidth = 260;

function bounds(feature: FeatureDrift, index: number, unit: (edge: number) => string): string {
  const { edges, words } = feature;
  if (index > (words ?? edges).length) return "absent";
  if (words) return words[index] ?? "all others";
  if (index === 0) return `up to ${unit(edges[0])}`;
  if (index === edges.length) return `above ${unit(edges.at(-1)!)}`;
  return `${unit(edges[index - 1])} to ${unit(edges[index])}`;
}

// How often each range of a feature came then (in training) and comes now; of a history in its unit.
export function Distribution({ feature, history }: { feature: FeatureDrift; history?: HistoryMeaning }) {
  const unit = (edge: number) => history ? historyValue({ unit: history.unit, value: edge }) : number(edge);
  // Absent values have the last place; without any it is left out.
  const places = feature.shares.at(-1) || feature.recent.at(-1) ? feature.shares.length : feature.shares.length - 1;
  const most = Math.max(...feature.shares, ...feature.recent, 0.01);
  const step = kWidth / places;
  const bar = Math.min(step * 0.38, 18);
  return (
    <svg class="distribution" viewBox={`0 0 ${kWidth} ${kHeight + 2}`} role="img"
      aria-label={`Shares of ${feature.feature} in training and now`}>
      <line class="axis" x1="0" x2={kWidth} y1={kHeight + 1} y2={kHeight + 1} />
      {Array.from({ length: places }, (_, index) => {
        const middle = step * (index + 0.5);
        const [then, now] = [feature.shares[index], feature.recent[index]];
        return (
          <g key={index}>
            <title>{`${bounds(feature, index, unit)}: ${percent(then)} then, ${percent(now)} now`}</title>
            <rect class="then" x={middle - bar} width={bar} y={kHeight * (1 - then / most)} height={kHeight * then / most} rx="2" />
            <rect class="now" x={middle} width={bar} y={kHeight * (1 - now / most)} height={kHeight * now / most} rx="2" />
          </g>
        );
      })}
    </svg>
  );
}
