import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

export interface Line {
  name: string;
  colour: string;  // the name of a custom property
  values: (number | null)[];
}

interface Props {
  label: string;  // what a reader of the screen hears
  x: number[];
  xTime?: boolean;
  lines: Line[];
  height?: number;
  unit?: (value: number) => string;
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function clockTime(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString();
}

function options({ lines, height = 200, xTime = false, unit }: Props, width: number): uPlot.Options {
  const axis: uPlot.Axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false },
    font: "12px system-ui, sans-serif" };
  return {
    width, height, legend: { show: false }, padding: [8, 8, 0, 0],
    cursor: { y: false, points: { size: 7 } },
    scales: { x: { time: xTime }, y: { range: (_, low, high) => [Math.min(0, low), Math.max(high * 1.1, 1e-3)] } },
    axes: [{ ...axis, size: 28, space: 90, grid: { show: false }, values: xTime ? (_, ticks) => ticks.map(clockTime) : undefined },
      { ...axis, size: 48, values: unit ? (_, ticks) => ticks.map(unit) : undefined }],
    series: [{}, ...lines.map((line) => ({ label: line.name, stroke: colour(line.colour), width: 2,
      points: { show: line.values.length < 3 }, spanGaps: true }))],
  };
}

// Lines over time or steps; drawn anew in the other theme's colours.
export function Chart(props: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>();
  const newest = useRef(props);
  newest.current = props;
  const data = [props.x, ...props.lines.map((line) => line.values)] as uPlot.AlignedData;

  useEffect(() => {
    const holder = place.current!;
    function draw() {
      plot.current?.destroy();
      const { x, lines } = newest.current;
      plot.current = new uPlot(options(newest.current, holder.clientWidth),
        [x, ...lines.map((line) => line.values)] as uPlot.AlignedData, holder);
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
  useEffect(() => plot.current?.setData(data), [props.x, props.lines]);

  return (
    <figure class="chart">
      <div ref={place} role="img" aria-label={props.label} />
      <figcaption>
        {props.lines.map((line) => {
          const last = line.values.filter((value) => value !== null).at(-1);
          return (
            <span key={line.name} class="key">
              <i class={`swatch ${line.colour.slice(2)}`} />{line.name}
              {last !== undefined && <b>{(props.unit ?? String)(last as number)}</b>}
            </span>
          );
        })}
      </figcaption>
    </figure>
  );
}
