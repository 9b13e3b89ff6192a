import { percent } from "../text/format";

interface Props {
  rate: number | null;
  band: [number, number] | null;
  scale: [number, number];
}

// A rate with its 95 % interval on a scale that all rows of a table share.
export function RateBand({ rate, band, scale }: Props) {
  if (rate === null || band === null) return <span class="quiet-text">none yet</span>;
  const at = (value: number) => 6 + 108 * (value - scale[0]) / (scale[1] - scale[0]);
  return (
    <span class="rate">
      <svg viewBox="0 0 120 16" aria-hidden="true">
        <line class="axis" x1="4" x2="116" y1="8" y2="8" />
        <line class="band" x1={at(band[0])} x2={at(band[1])} y1="8" y2="8" />
        <circle cx={at(rate)} cy="8" r="4" />
      </svg>
      <span>{percent(rate)} <small class="under">{percent(band[0])} to {percent(band[1])}</small></span>
    </span>
  );
}
