import { kMuch, kSome } from "../pages/drift/bounds";

const kWidth = 260;
const kHeight = 40;

// A stability index over time, on a scale that holds the usual bounds; what it says stands elsewhere too.
export function Sparkline({ values, tone }: { values: number[]; tone: string }) {
  const most = Math.max(kMuch * 1.15, ...values);
  const y = (value: number) => kHeight - 1 - (kHeight - 3) * value / most;
  const x = (index: number) => kWidth * index / Math.max(values.length - 1, 1);
  return (
    <svg class={`sparkline ${tone}`} viewBox={`0 0 ${kWidth} ${kHeight}`} preserveAspectRatio="none" aria-hidden="true">
      {[kSome, kMuch].map((bound) => <line key={bound} class="bound" x1="0" x2={kWidth} y1={y(bound)} y2={y(bound)} />)}
      <path class="line" d={values.map((value, index) => `${index === 0 ? "M" : "L"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`).join("")} />
    </svg>
  );
}
