import { number } from "../text/format";

export interface EstimateRow {
  name: string;
  note: string;
  value: number;
  interval: [number, number];
  own?: boolean;  // what the log itself earned
}

const kWidth = 320;

// Estimates with their intervals, one below the other on one scale, beside what the log itself earned.
export function Estimates({ rows, confidence }: { rows: EstimateRow[]; confidence: string }) {
  const ends = rows.flatMap((row) => row.interval);
  const low = Math.min(...ends);
  const high = Math.max(...ends);
  const room = (high - low) * 0.06 || 0.01;
  const at = (value: number) => kWidth * (value - low + room) / (high - low + 2 * room);
  const own = rows.find((row) => row.own);
  return (
    <table class="estimates">
      <caption class="hidden">What a list earns on average</caption>
      <thead>
        <tr><th scope="col">What a list earns</th><th scope="col"><span class="hidden">Interval</span></th>
          <th scope="col" class="num">{confidence} interval</th></tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name} class={row.own ? "own" : ""}>
            <th scope="row">{row.name} <small class="under">{row.note}</small></th>
            <td>
              <svg viewBox={`0 0 ${kWidth} 20`} preserveAspectRatio="none" aria-hidden="true">
                {own && <line class="logged" x1={at(own.value)} x2={at(own.value)} y1="0" y2="20" />}
                <line class="band" x1={at(row.interval[0])} x2={at(row.interval[1])} y1="10" y2="10" />
                <line class="middle" x1={at(row.value)} x2={at(row.value)} y1="4" y2="16" />
              </svg>
            </td>
            <td class="num"><b>{number(row.value)}</b> <small class="under">{number(row.interval[0])} to {number(row.interval[1])}</small></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
