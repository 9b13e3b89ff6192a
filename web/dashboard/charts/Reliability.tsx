import { useState } from "preact/hooks";
import type { CalibrationBin } from "../api/types";
import { count, percent } from "../text/format";

const kLeft = 44;
const kTop = 8;
const kSide = 190;
const kSteps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

// A reliability diagram: on the line what was predicted came to be; below it a model is too sure of itself.
export function Reliability({ label, bins }: { label: string; bins: CalibrationBin[] }) {
  const [open, setOpen] = useState(false);
  const greatest = Math.max(...bins.map((bin) => Math.max(bin.predicted, bin.ci[1])));
  const most = kSteps.find((step) => step >= greatest) ?? 1;
  const x = (share: number) => kLeft + kSide * share / most;
  const y = (share: number) => kTop + kSide * (1 - share / most);
  const digits = most < 0.1 ? 1 : 0;
  return (
    <figure class="reliability">
      <svg viewBox={`0 0 ${kLeft + kSide + 16} ${kTop + kSide + 36}`} role="img" aria-label={label}>
        {[0, most / 2, most].map((share) => (
          <g key={share}>
            <line class="axis" x1={x(0)} x2={x(most)} y1={y(share)} y2={y(share)} />
            <text x={kLeft - 6} y={y(share) + 4} text-anchor="end">{percent(share, digits)}</text>
            <text x={x(share)} y={y(0) + 16} text-anchor="middle">{percent(share, digits)}</text>
          </g>
        ))}
        <text x={x(most / 2)} y={y(0) + 32} text-anchor="middle">predicted</text>
        <line class="even" x1={x(0)} x2={x(most)} y1={y(0)} y2={y(most)} />
        {bins.map((bin) => (
          <g key={bin.predicted}>
            <title>{`${percent(bin.predicted)} predicted, ${percent(bin.observed)} picked`}</title>
            <line class="band" x1={x(bin.predicted)} x2={x(bin.predicted)} y1={y(bin.ci[0])} y2={y(bin.ci[1])} />
            <circle cx={x(bin.predicted)} cy={y(bin.observed)} r="4" />
          </g>
        ))}
      </svg>
      <details class="chart-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>As a table<span class="hidden">: {label}</span></summary>
        {open && (
          <div class="scroll" tabIndex={0} role="region" aria-label={`Table: ${label}`}>
            <table class="close">
              <thead><tr><th scope="col" class="num">Predicted</th><th scope="col" class="num">Picked</th><th scope="col" class="num">Rows</th></tr></thead>
              <tbody>
                {bins.map((bin) => (
                  <tr key={bin.predicted}>
                    <th scope="row" class="num">{percent(bin.predicted)}</th>
                    <td class="num">{percent(bin.observed)} <small>{percent(bin.ci[0])} to {percent(bin.ci[1])}</small></td>
                    <td class="num">{count(bin.rows)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </details>
    </figure>
  );
}
