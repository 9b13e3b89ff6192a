import type { LoopArrow } from "../../api/types";
import { seconds, span } from "../../text/format";

const kLong = 120;  // seconds from which nobody reads digits

export function lagText(arrow: LoopArrow): string {
  const { lag_seconds: lag, lag_p95_seconds: p95 } = arrow;
  if (lag === null) return "no lag yet";
  const text = (value: number) => value < kLong ? seconds(value) : span(value);
  return p95 === null ? text(lag) : `${text(lag)}, 95 % ${text(p95)}`;
}
