import type { Explanation, FeatureValue } from "../api/types";
import { historyValue } from "../text/histories";
import { number, percent, signed, words } from "../text/format";

const kMost = 12;

function told(value: FeatureValue): string {
  if (Array.isArray(value)) return value.map(told).join(", ");
  return typeof value === "string" ? value : number(value);
}

// What each feature added to one score, in log-odds, the strongest first; the rest is one row.
export function Contributions({ explanation }: { explanation: Explanation }) {
  const sorted = [...explanation.contributions].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  const rest = sorted.slice(kMost).reduce((sum, one) => sum + one.contribution, 0);
  // A history's value is told as what it is: days, a rate.
  const histories = new Map(explanation.histories.map((one) => [one.name, historyValue(one)]));
  const rows = sorted.slice(0, kMost).map((one) => ({ name: words(one.feature), value: histories.get(one.feature) ?? told(one.value), added: one.contribution }));
  if (sorted.length > kMost) rows.push({ name: `${sorted.length - kMost} others`, value: "", added: rest });
  const most = Math.max(...rows.map((row) => Math.abs(row.added)), 1e-9);
  return (
    <>
      <p class="note">
        Score {number(explanation.score)}, probability {percent(explanation.probability)}; the bars are log-odds on a base
        of {signed(explanation.base)}.
      </p>
      <table class="bars">
        <caption class="hidden">What each feature added to the score</caption>
        <thead><tr><th scope="col">Feature</th><th scope="col">Value</th><th scope="col">Added</th></tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              <td class="num">{row.value}</td>
              <td>
                <span class="bar-row">
                  <svg viewBox="-100 0 200 14" preserveAspectRatio="none" aria-hidden="true">
                    <line x1="0" x2="0" y1="0" y2="14" />
                    <rect class={row.added < 0 ? "minus" : "plus"} y="2" height="10" x={Math.min(0, 100 * row.added / most)}
                      width={Math.abs(100 * row.added / most)} />
                  </svg>
                  <b>{signed(row.added)}</b>
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
