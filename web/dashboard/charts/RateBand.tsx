import { percent } from "../text/format";

// A rate with its 95 % interval on a scale that all rows of a table share.
export function RateBand({ rate, band, most }: { rate: number | null; band: [number, number] | null; most: number }) {
  if (rate === null || band === null) return <span class="quiet-text">none yet</span>;
  const at = (value: number) => 4 + 112 * value / most;
  return (
    <span class="rate">
      <svg viewBox="0 0 120 16" aria-hidden="true">
        <line class="axis" x1="4" x2="116" y1="8" y2="8" />
        <line class="band" x1={at(band[0])} x2={at(band[1])} y1="8" y2="8" />
        <circle cx={at(rate)} cy="8" r="4" />
      </svg>
      <span>{percent(rate)} <small>{percent(band[0])} to {percent(band[1])}</small></span>
    </span>
  );
}
