import { useState } from "preact/hooks";
import type { Line } from "./plot";

interface Props {
  label: string;
  x: number[];
  lines: Line[];
  first: string;  // the name of the first column
  say: (x: number) => string;
  unit: (value: number) => string;
}

const kRows = 100;

// What a chart draws, as a table for those who read rather than look; the newest first.
export function ChartTable({ label, x, lines, first, say, unit }: Props) {
  const [open, setOpen] = useState(false);
  const rows = x.map((at, index) => ({ at, index })).slice(-kRows).reverse();
  return (
    <details class="chart-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>As a table<span class="hidden">: {label}</span></summary>
      {open && (
        <div class="scroll tall" tabIndex={0} role="region" aria-label={`Table: ${label}`}>
          <table class="close">
            <thead>
              <tr><th scope="col">{first}</th>{lines.map((line) => <th key={line.name} scope="col" class="num">{line.name}</th>)}</tr>
            </thead>
            <tbody>
              {rows.map(({ at, index }) => (
                <tr key={at}>
                  <th scope="row">{say(at)}</th>
                  {lines.map((line) => {
                    const [value, low, high] = [line.values[index], line.low?.[index] ?? null, line.high?.[index] ?? null];
                    return <td key={line.name} class="num">{value === null ? "–" : unit(value)}{low !== null && high !== null && <small> {unit(low)} to {unit(high)}</small>}</td>;
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
