import uPlot from "uplot";
import { dayOf, timeOf } from "../text/format";

export interface Line {
  name: string;
  colour: string;  // the name of a custom property
  values: (number | null)[];
  low?: (number | null)[];  // of its band
  high?: (number | null)[];
}

// An upright line with a name at its foot.
export interface Mark {
  x: number;
  text: string;
}

// The values that stand where the pointer is, and where their box stands beside it.
export interface Hovered {
  x: number;
  values: { name: string; colour: string; value: number; low: number | null; high: number | null }[];
  right: boolean;  // the box is measured from the right edge
  offset: number;  // px
}

interface Plot {
  x: number[];
  xTime?: boolean;
  lines: Line[];
  marks?: Mark[];
  near?: boolean;
  width: number;
  height?: number;
  unit?: (value: number) => string;
  steps?: number[];
  tick?: (value: number, step: number) => string;
  hover: (index: number | null, left: number) => void;
  select: (range: [number, number]) => void;
  reset: () => void;
}

const kDay = 86_400;
const kManyPoints = 30;
const kFewPoints = 3;
const kAxis = 52;      // px, of the y axis
const kGap = 14;       // px between the pointer and the box
const kMeant = 24;     // px: who draws less than that did not mean to zoom

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function fullTime(at: number): string {
  return Date.now() / 1000 - at > kDay ? `${dayOf(at)}, ${timeOf(at)}` : timeOf(at);
}

// Clock times, or days where the axis spans several.
function times(_: uPlot, ticks: number[]): string[] {
  const days = ticks.length > 1 && ticks[ticks.length - 1] - ticks[0] > 2 * kDay;
  return ticks.map(days ? dayOf : timeOf);
}

export function hoveredValues(x: number[], lines: Line[], index: number, left: number, width: number): Hovered | undefined {
  const values = lines.flatMap((line) => {
    const value = line.values[index];
    return value === null || value === undefined ? []
      : [{ name: line.name, colour: line.colour, value, low: line.low?.[index] ?? null, high: line.high?.[index] ?? null }];
  });
  if (values.length === 0) return undefined;
  const right = kAxis + left > width / 2;
  return { x: x[index], values, right, offset: right ? width - kAxis - left + kGap : kAxis + left + kGap };
}

function drawMarks(plot: uPlot, marks: Mark[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour("--quiet");
  ctx.setLineDash([4, 4]);
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  for (const mark of marks) {
    const x = Math.round(plot.valToPos(mark.x, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const right = x > bbox.left + bbox.width * 0.8;
    ctx.textAlign = right ? "right" : "left";
    ctx.fillText(mark.text, x + (right ? -5 : 5), bbox.top + bbox.height - 6);
  }
  ctx.restore();
}

function seriesOf(lines: Line[]): uPlot.Series[] {
  const edge: uPlot.Series = { stroke: "transparent", width: 0, points: { show: false }, spanGaps: true };
  return lines.flatMap((line) => [{ label: line.name, stroke: colour(line.colour), width: 2,
    points: { show: (plot: uPlot, index: number) => plot.data[index].length < (line.low ? kManyPoints : kFewPoints), size: 6, fill: colour(line.colour) },
    spanGaps: true }, edge, edge]);
}

export function options({ lines, marks = [], height = 200, xTime = false, near = false, unit, steps, tick, width, hover, select, reset }: Plot): uPlot.Options {
  const axis: uPlot.Axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false },
    font: "12px system-ui, sans-serif" };
  const ticks = (_: uPlot, at: number[], __: number, ___: number, step: number) => at.map((value) => tick ? tick(value, step) : (unit ?? String)(value));
  return {
    width, height, legend: { show: false }, padding: [8, 16, 0, 0],
    cursor: { y: false, points: { size: (_, index) => index % 3 === 1 ? 7 : 0 }, drag: { x: true, y: false, setScale: false, dist: kMeant },
      bind: { dblclick: () => () => { reset(); return null; } } },
    scales: { x: { time: xTime }, y: { range: (_, low, high) => near ? [low - (high - low) * 0.15, high + (high - low) * 0.1] : [Math.min(0, low), Math.max(high * 1.1, 1e-3)] } },
    axes: [{ ...axis, size: 28, space: 90, grid: { show: false }, values: xTime ? times : undefined },
      { ...axis, size: kAxis, incrs: steps, values: ticks }],
    series: [{}, ...seriesOf(lines)],
    bands: lines.flatMap((line, index) => line.low ? [{ series: [3 * index + 3, 3 * index + 2] as uPlot.Band["series"], fill: `${colour(line.colour)}26` }] : []),
    hooks: {
      draw: [(plot) => drawMarks(plot, marks)],
      setCursor: [(plot) => hover(plot.cursor.idx ?? null, plot.cursor.left ?? 0)],
      setSelect: [(plot) => {
        if (plot.select.width < kMeant) return;
        select([plot.posToVal(plot.select.left, "x"), plot.posToVal(plot.select.left + plot.select.width, "x")]);
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      }],
    },
  };
}
