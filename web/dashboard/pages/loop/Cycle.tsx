import type { LoopArrow, Model } from "../../api/types";
import { percent, rate } from "../../text/format";
import { HealthMark, kShapes } from "./HealthMark";
import { lagText } from "./arrowText";
import type { Station } from "./stations";

const kNode = { width: 134, height: 74 };
const kTop = 78;
const kBottom = 372;

// Where the steps stand: four above from left to right, three below from right to left.
const kPlaces = [
  { x: 78, y: kTop }, { x: 359, y: kTop }, { x: 641, y: kTop }, { x: 922, y: kTop },
  { x: 781, y: kBottom }, { x: 500, y: kBottom }, { x: 219, y: kBottom },
];

interface Way {
  path: string;
  head: string;  // a transform
  text: { x: number; y: number };
  upright?: boolean;  // no line runs through its words
}

const right = kNode.width / 2 + 6;
const down = kNode.height / 2 + 6;

// The way from one step to the next, and where its words stand.
function wayFrom(index: number): Way {
  const [a, b] = [kPlaces[index], kPlaces[(index + 1) % kPlaces.length]];
  if (index < 3) {
    return { path: `M${a.x + right} ${a.y}H${b.x - right}`, head: `translate(${b.x - right} ${b.y})`, text: { x: (a.x + b.x) / 2, y: a.y } };
  }
  if (index === 3) {
    return { path: `M${a.x} ${a.y + down}V${b.y - 46}Q${a.x} ${b.y} ${a.x - 46} ${b.y}H${b.x + right}`,
      head: `translate(${b.x + right} ${b.y}) rotate(180)`, text: { x: a.x - 104, y: (a.y + b.y) / 2 }, upright: true };
  }
  if (index < 6) {
    return { path: `M${a.x - right} ${a.y}H${b.x + right}`, head: `translate(${b.x + right} ${b.y}) rotate(180)`, text: { x: (a.x + b.x) / 2, y: a.y } };
  }
  return { path: `M${a.x - right} ${a.y}H${b.x + 46}Q${b.x} ${a.y} ${b.x} ${a.y - 46}V${b.y + down}`,
    head: `translate(${b.x} ${b.y + down}) rotate(-90)`, text: { x: b.x + 108, y: (a.y + b.y) / 2 }, upright: true };
}

// The faster something flows, the faster its dots run: from 4 s at one a minute to 0.4 s at hundreds a second.
function runTime(pace: number): string {
  return `${Math.max(0.4, 2.6 - Math.log10(Math.max(pace, 0.02)) * 0.8).toFixed(2)}s`;
}

function ArrowWords({ arrow, way }: { arrow: LoopArrow; way: Way }) {
  const low = way.upright ? 30 : 43;
  return (
    <g class={`words ${arrow.health}`} transform={`translate(${way.text.x} ${way.text.y})`}>
      <title>{`${arrow.says}; the lag is the time ${arrow.lag_of}`}</title>
      <text class="arrow-rate" y={way.upright ? -30 : -13}>{rate(arrow.per_second)}</text>
      <text class="arrow-lag" y={way.upright ? -9 : 23}>{lagText(arrow)}</text>
      {way.upright && arrow.lag_seconds !== null && <text class="arrow-lag" y="8">{arrow.lag_of}</text>}
      <g class="arrow-health" transform={`translate(0 ${low})`}>
        <path d={kShapes[arrow.health]} transform={`translate(${-arrow.health.length * 3.2 - 14} -10)`} />
        <text x="4">{arrow.health}</text>
      </g>
    </g>
  );
}

function Champion({ champion }: { champion?: Model }) {
  return (
    <g class="champion" transform="translate(500 210)">
      <text class="node-name" y="-34">Champion</text>
      <text class="champion-name" y="4">{champion ? `${champion.family} ${champion.model_id}` : "none yet"}</text>
      {champion && <text class="node-note" y="32">answers {percent(champion.share, 0)} of the people</text>}
      {champion && (
        <text class="node-note" y="52">
          {champion.counts.pick_rate === null ? "nothing picked from it yet" : `${percent(champion.counts.pick_rate)} of its lists end in a pick`}
        </text>
      )}
    </g>
  );
}

// The loop as a picture on wide screens, and as a list on narrow ones and for readers of the screen.
// Nothing flows in it once the reports stay away.
export function Cycle({ stations, arrows, champion, live }: { stations: Station[]; arrows: LoopArrow[]; champion?: Model; live: boolean }) {
  return (
    <section class={live ? "card cycle" : "card cycle halted"} aria-label={live ? "The loop now" : "The loop as it was"}>
      <svg viewBox="0 0 1000 450" aria-hidden="true">
        {arrows.map((arrow, index) => {
          const way = wayFrom(index);
          const flows = live && arrow.per_second > 0 && index !== 4 && index !== 5 && index !== 3;
          return (
            <g key={arrow.to} class={`way ${arrow.health} ${flows ? "flows" : ""}`}>
              <path d={way.path} />
              {flows && <path class="flow" d={way.path} style={{ animationDuration: runTime(arrow.per_second) }} />}
              <path class="head" d="M-7 -6L1 0L-7 6" transform={way.head} />
              <ArrowWords arrow={arrow} way={way} />
            </g>
          );
        })}
        {stations.map((station, index) => (
          <g key={station.name} class="node" transform={`translate(${kPlaces[index].x} ${kPlaces[index].y})`}>
            <rect x={-kNode.width / 2} y={-kNode.height / 2} width={kNode.width} height={kNode.height} rx="14" />
            <text class="node-name" y="-17">{station.name}</text>
            <text class="node-figure" y="7">{station.figure}</text>
            <text class="node-note" y="26">{station.note}</text>
          </g>
        ))}
        <Champion champion={champion} />
      </svg>
      <p class="cycle-champion">
        Champion: <strong>{champion ? `${champion.family} ${champion.model_id}` : "none yet"}</strong>
        {champion && `, answers ${percent(champion.share, 0)} of the people`}
      </p>
      <ol class="cycle-list">
        {stations.map((station, index) => (
          <li key={station.name} class={live && arrows[index].per_second > 0 ? "flows" : ""}>
            <span>{station.name}</span> <b>{station.figure}</b> <small>{station.note}</small>
            <p class="arrow">
              <HealthMark health={arrows[index].health} /> <b>{rate(arrows[index].per_second)}</b> to {arrows[index].to}
              <small>{lagText(arrows[index])} {arrows[index].lag_of}; {arrows[index].says}</small>
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
