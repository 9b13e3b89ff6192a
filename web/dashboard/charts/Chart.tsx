import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { ChartTable } from "./ChartTable";
import { fullTime, hoveredValues, options, type Hovered, type Line, type Mark } from "./plot";

interface Props {
  label: string;  // what a reader of the screen hears
  x: number[];
  xTime?: boolean;
  xName?: string;  // of the column of a table; "time" where it is one
  lines: Line[];
  marks?: Mark[];
  near?: boolean;  // the scale holds the values only, not zero
  legend?: "last" | "name";  // beside a name its last value, or nothing
  height?: number;
  unit?: (value: number) => string;
  steps?: number[];  // the distances that ticks of the y axis may have
  tick?: (value: number, step: number) => string;  // of the y axis, when it is not `unit`
}

type Range = [number, number];

// Every line has three columns: itself and the ends of its band.
function columnsOf({ x, lines }: Props): uPlot.AlignedData {
  const none = x.map(() => null);
  return [x, ...lines.flatMap((line) => [line.values, line.low ?? none, line.high ?? none])] as uPlot.AlignedData;
}

// The newer half of a range: what one looks closer at.
function newerHalf([from, until]: Range): Range {
  return [from + (until - from) / 2, until];
}

// Lines over time or steps, drawn anew in the other theme's colours. The values under the pointer stand beside it; drawing
// over a part, or a button, goes into it and stays there while new values come; all values stand in a table too.
export function Chart(props: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>();
  const newest = useRef(props);
  newest.current = props;
  const zoomed = useRef<Range>();
  const [near, setNear] = useState(false);  // it shows a part
  const [hovered, setHovered] = useState<Hovered>();

  function zoom(range: Range | undefined) {
    zoomed.current = range;
    setNear(range !== undefined);
    const { x } = newest.current;
    plot.current?.setScale("x", { min: range?.[0] ?? x[0], max: range?.[1] ?? x[x.length - 1] });
  }

  useEffect(() => {
    const holder = place.current!;
    function draw() {
      plot.current?.destroy();
      const { x: _, label: __, ...shape } = newest.current;
      plot.current = new uPlot(options({
        ...shape, width: holder.clientWidth, x: newest.current.x,
        hover: (index, left) => setHovered(index === null ? undefined : hoveredValues(newest.current.x, newest.current.lines, index, left, holder.clientWidth)),
        select: (range) => zoom(range), reset: () => zoom(undefined),
      }), columnsOf(newest.current), holder);
      if (zoomed.current) zoom(zoomed.current);
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
  useEffect(() => {
    plot.current?.setData(columnsOf(props), zoomed.current === undefined);
    if (zoomed.current) plot.current?.redraw();
  }, [props.x, props.lines]);

  const unit = props.unit ?? String;
  const say = (x: number) => props.xTime ? fullTime(x) : `${props.xName ?? "step"} ${x}`;
  return (
    <figure class="chart">
      <div class="plot" style={{ minHeight: `${props.height ?? 200}px` }}>
        <div ref={place} role="img" aria-label={props.label} />
        {hovered && (
          <div class="hovered" aria-hidden="true" style={hovered.right ? { right: `${hovered.offset}px` } : { left: `${hovered.offset}px` }}>
            <b>{say(hovered.x)}</b>
            {hovered.values.map(({ name, colour, value, low, high }) => (
              <span key={name}><i class={`swatch ${colour.slice(2)}`} />{name} <b>{unit(value)}</b>
                {low !== null && high !== null && <small> {unit(low)} to {unit(high)}</small>}</span>
            ))}
          </div>
        )}
      </div>
      <figcaption>
        {props.lines.map((line) => {
          const last = line.values.filter((value) => value !== null).at(-1);
          return (
            <span key={line.name} class="key">
              <i class={`swatch ${line.colour.slice(2)}`} />{line.name}
              {props.legend !== "name" && last !== undefined && <b>{unit(last as number)}</b>}
            </span>
          );
        })}
        <span class="chart-tools">
          <button type="button" class="quiet small" disabled={props.x.length < 3} aria-label={`Closer: ${props.label}`}
            onClick={() => zoom(newerHalf(zoomed.current ?? [props.x[0], props.x[props.x.length - 1]]))}>Closer</button>
          <button type="button" class="quiet small" disabled={!near} aria-label={`Whole range: ${props.label}`} onClick={() => zoom(undefined)}>Whole range</button>
        </span>
      </figcaption>
      <ChartTable label={props.label} x={props.x} lines={props.lines} first={props.xTime ? "time" : props.xName ?? "step"}
        say={(x) => props.xTime ? fullTime(x) : String(x)} unit={unit} />
    </figure>
  );
}
