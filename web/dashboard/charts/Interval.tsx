import type { Gate } from "../api/types";
import { number, percent, signed } from "../text/format";

const kLeft = 30;
const kWidth = 540;
const kMiddle = 52;

// The gate's evidence: the difference and its interval against the margin that the lower end must pass.
export function Interval({ gate }: { gate: Gate }) {
  const [low, high] = gate.ci;
  if (low === null || high === null || gate.delta === null) return null;
  const ends = [low, high, 0, gate.margin];
  const least = Math.min(...ends);
  const most = Math.max(...ends);
  const room = (most - least) * 0.12 || 0.01;
  const at = (value: number) => kLeft + kWidth * (value - least + room) / (most - least + 2 * room);
  const tone = low > gate.margin ? "good" : high < gate.margin ? "bad" : "warn";
  const told = `The challenger's ${gate.metric} differs by ${signed(gate.delta)}; the ${percent(gate.confidence, 0)} ` +
    `interval goes from ${signed(low)} to ${signed(high)}, the margin is ${number(gate.margin)}.`;
  return (
    <svg class={`interval ${tone}`} viewBox="0 0 600 100" role="img" aria-label={told}>
      <line class="axis" x1={kLeft} x2={kLeft + kWidth} y1={kMiddle} y2={kMiddle} />
      <line class="margin" x1={at(gate.margin)} x2={at(gate.margin)} y1="16" y2="80" />
      <text class="margin-text" x={at(gate.margin)} y="95" text-anchor="middle">margin {number(gate.margin)}</text>
      <line class="band" x1={at(low)} x2={at(high)} y1={kMiddle} y2={kMiddle} />
      <line class="end" x1={at(low)} x2={at(low)} y1={kMiddle - 9} y2={kMiddle + 9} />
      <line class="end" x1={at(high)} x2={at(high)} y1={kMiddle - 9} y2={kMiddle + 9} />
      <circle cx={at(gate.delta)} cy={kMiddle} r="7" />
      <text class="delta" x={at(gate.delta)} y="30" text-anchor="middle">{signed(gate.delta)}</text>
      <text x={at(low)} y={kMiddle + 26} text-anchor="middle">{signed(low)}</text>
      <text x={at(high)} y={kMiddle + 26} text-anchor="middle">{signed(high)}</text>
    </svg>
  );
}
