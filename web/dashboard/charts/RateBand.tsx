import { percent } from "../text/format";

interface Props {
  rate: number | null;
  band: [number, number] | null;
  scale: [number, number];
  unit?: (value: number) => string;
  wide?: boolean;  // it has a wide column to itself
}

// A rate, or another figure, with its 95 % interval on a scale that all rows of a table share.
export function RateBand({ rate, band, scale, unit = percent, wide }: Props) {
  if (rate === null || band === null) return <span class="quiet-text">none yet</span>;
  const width = wide ? 480 : 120;
  const at = (value: number) => 6 + (width - 12) * (value - scale[0]) / (scale[1] - scale[0]);
  return (
    <span class="rate">
      <svg viewBox={`0 0 ${width} 16`} aria-hidden="true">
        <line class="axis" x1="4" x2={width - 4} y1="8" y2="8" />
        <line class="band" x1={at(band[0])} x2={at(band[1])} y1="8" y2="8" />
        <circle cx={at(rate)} cy="8" r="4" />
      </svg>
      <span>{unit(rate)} <small class="under">{unit(band[0])} to {unit(band[1])}</small></span>
    </span>
  );
}
