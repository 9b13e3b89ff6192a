import type { Model } from "../../api/types";
import { percent } from "../../text/format";
import type { Station } from "./stations";

const kMiddle = { x: 480, y: 220 };
const kRadius = { x: 385, y: 165 };
const kNode = { width: 170, height: 74 };
const kGap = 0.4;  // radians that a node hides of the ring on each side; less where it is passed upright

function point(angle: number): { x: number; y: number } {
  return { x: kMiddle.x + kRadius.x * Math.cos(angle), y: kMiddle.y + kRadius.y * Math.sin(angle) };
}

// The way from one step to the next, with the arrow's head on its middle.
function arc(from: number, to: number): { path: string; head: string } {
  const [a, b] = [point(from + kGap * 0.4), point(to - kGap * 0.4)];
  const middle = (from + to) / 2;
  const tip = point(middle);
  const slope = Math.atan2(kRadius.y * Math.cos(middle), -kRadius.x * Math.sin(middle)) * 180 / Math.PI;
  return { path: `M${a.x} ${a.y}A${kRadius.x} ${kRadius.y} 0 0 1 ${b.x} ${b.y}`,
    head: `translate(${tip.x} ${tip.y}) rotate(${slope})` };
}

// The faster something flows, the faster its dots run: from 4 s at one a minute to 0.4 s at hundreds a second.
function runTime(pace: number): string {
  return `${Math.max(0.4, 2.6 - Math.log10(Math.max(pace, 0.02)) * 0.8).toFixed(2)}s`;
}

// The loop as a picture on wide screens, and as a list on narrow ones and for readers of the screen.
export function Cycle({ stations, champion }: { stations: Station[]; champion?: Model }) {
  const angles = stations.map((_, index) => -Math.PI / 2 + 2 * Math.PI * index / stations.length);
  return (
    <section class="card cycle" aria-label="The loop now">
      <svg viewBox="0 0 960 440" aria-hidden="true">
        {stations.map((station, index) => {
          // The arrow that leads to this step starts at the one before; nothing leads from promoted to requests but
          // the new champion itself.
          const to = angles[index];
          const from = index === 0 ? angles[stations.length - 1] - 2 * Math.PI : angles[index - 1];
          const way = arc(from, to);
          return (
            <g key={station.name} class={`way ${station.health} ${station.pace > 0 ? "flows" : ""}`}>
              <path d={way.path} />
              {station.pace > 0 && <path class="flow" d={way.path} style={{ animationDuration: runTime(station.pace) }} />}
              <path class="head" d="M-5 -6L5 0L-5 6" transform={way.head} />
            </g>
          );
        })}
        {stations.map((station, index) => {
          const { x, y } = point(angles[index]);
          return (
            <g key={station.name} class={`node ${station.health}`} transform={`translate(${x} ${y})`}>
              <rect x={-kNode.width / 2} y={-kNode.height / 2} width={kNode.width} height={kNode.height} rx="14" />
              <text class="node-name" y="-16">{station.name}</text>
              <text class="node-figure" y="7">{station.figure}</text>
              <text class="node-note" y="26">{station.note}</text>
            </g>
          );
        })}
        <g class="champion" transform={`translate(${kMiddle.x} ${kMiddle.y})`}>
          <text class="node-name" y="-44">Champion</text>
          <text class="champion-name" y="-6">{champion ? `${champion.family} ${champion.model_id}` : "none yet"}</text>
          {champion && <text class="node-note" y="22">answers {percent(champion.share, 0)} of the people</text>}
          {champion && (
            <text class="node-note" y="42">
              {champion.counts.pick_rate === null ? "nothing picked from it yet" : `${percent(champion.counts.pick_rate)} of its lists end in a pick`}
            </text>
          )}
        </g>
      </svg>
      <p class="cycle-champion">
        Champion: <strong>{champion ? `${champion.family} ${champion.model_id}` : "none yet"}</strong>
        {champion && `, answers ${percent(champion.share, 0)} of the people`}
      </p>
      <ol class="cycle-list">
        {stations.map((station) => (
          <li key={station.name} class={station.pace > 0 ? "flows" : ""}>
            <span>{station.name}</span> <b>{station.figure}</b> <small>{station.note}</small>
          </li>
        ))}
      </ol>
    </section>
  );
}
