import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

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

interface Props {
  label: string;  // what a reader of the screen hears
  x: number[];
  xTime?: boolean;
  lines: Line[];
  marks?: Mark[];
  near?: boolean;  // the scale holds the values only, not zero
  legend?: "last" | "name";  // beside a name its last value, or nothing
  height?: number;
  unit?: (value: number) => string;
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

const kDay = 86_400;
const kManyPoints = 30;
const kFewPoints = 3;

// Clock times, or days where the axis spans several.
function times(_: uPlot, ticks: number[]): string[] {
  const days = ticks.length > 1 && ticks[ticks.length - 1] - ticks[0] > 2 * kDay;
  return ticks.map((tick) => days ? new Date(tick * 1000).toLocaleDateString() : new Date(tick * 1000).toLocaleTimeString());
}

// Every line has three columns: itself and the ends of its band.
function columnsOf({ x, lines }: Props): uPlot.AlignedData {
  const none = x.map(() => null);
  return [x, ...lines.flatMap((line) => [line.values, line.low ?? none, line.high ?? none])] as uPlot.AlignedData;
}

function drawMarks(plot: uPlot, marks: Mark[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour("--quiet");
  ctx.setLineDash([4, 4]);
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  for (const mark of marks) {
    const x = Math.min(Math.max(Math.round(plot.valToPos(mark.x, "x", true)), bbox.left), bbox.left + bbox.width);
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

function seriesOf({ lines }: Props): uPlot.Series[] {
  const edge: uPlot.Series = { stroke: "transparent", width: 0, points: { show: false }, spanGaps: true };
  return lines.flatMap((line) => [{ label: line.name, stroke: colour(line.colour), width: 2,
    points: { show: (plot: uPlot, index: number) => plot.data[index].length < (line.low ? kManyPoints : kFewPoints), size: 6, fill: colour(line.colour) },
    spanGaps: true }, edge, edge]);
}

function options(props: Props, width: number): uPlot.Options {
  const { lines, marks = [], height = 200, xTime = false, near = false, unit } = props;
  const axis: uPlot.Axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false },
    font: "12px system-ui, sans-serif" };
  return {
    width, height, legend: { show: false }, padding: [8, 8, 0, 0],
    cursor: { y: false, points: { size: 7 } },
    scales: { x: { time: xTime }, y: { range: (_, low, high) => near ? [low - (high - low) * 0.15, high + (high - low) * 0.1] : [Math.min(0, low), Math.max(high * 1.1, 1e-3)] } },
    axes: [{ ...axis, size: 28, space: 90, grid: { show: false }, values: xTime ? times : undefined },
      { ...axis, size: 48, values: unit ? (_, ticks) => ticks.map(unit) : undefined }],
    series: [{}, ...seriesOf(props)],
    bands: lines.flatMap((line, index) => line.low ? [{ series: [3 * index + 3, 3 * index + 2] as uPlot.Band["series"], fill: `${colour(line.colour)}26` }] : []),
    hooks: { draw: [(plot) => drawMarks(plot, marks)] },
  };
}

// Lines over time or steps; drawn anew in the other theme's colours.
export function Chart(props: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>();
  const newest = useRef(props);
  newest.current = props;

  useEffect(() => {
    const holder = place.current!;
    function draw() {
      plot.current?.destroy();
      plot.current = new uPlot(options(newest.current, holder.clientWidth), columnsOf(newest.current), holder);
    }
    draw();
    const sized = new ResizeObserver(() =>
      plot.current?.setSize({ width: holder.clientWidth, height: newest.current.height ?? 200 }));
    sized.observe(holder);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    document.addEventListener("themechange", draw);
    return () => {
      sized.disconnect();
      dark.removeEventListener("change", draw);
      document.removeEventListener("themechange", draw);
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(columnsOf(props)), [props.x, props.lines]);

  return (
    <figure class="chart">
      <div ref={place} role="img" aria-label={props.label} />
      <figcaption>
        {props.lines.map((line) => {
          const last = line.values.filter((value) => value !== null).at(-1);
          return (
            <span key={line.name} class="key">
              <i class={`swatch ${line.colour.slice(2)}`} />{line.name}
              {props.legend !== "name" && last !== undefined && <b>{(props.unit ?? String)(last as number)}</b>}
            </span>
          );
        })}
      </figcaption>
    </figure>
  );
}
