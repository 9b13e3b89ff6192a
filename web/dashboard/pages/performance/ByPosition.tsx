import type { PositionRate } from "../../api/types";
import { RateBand } from "../../charts/RateBand";
import { scaleOf } from "../../charts/scaleOf";
import { count } from "../../text/format";

export function ByPosition({ positions }: { positions: PositionRate[] }) {
  const scale = scaleOf(positions.map((one) => one.pick_rate_ci));
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of pick rates by position">
      <table class="close">
        <thead>
          <tr><th scope="col" class="num">Position</th><th scope="col">Picked</th><th scope="col" class="num">Picks</th><th scope="col" class="num">Shown</th></tr>
        </thead>
        <tbody>
          {positions.map((one) => (
            <tr key={one.position}>
              <th scope="row" class="num">{one.position}</th>
              <td class="wide-band"><RateBand rate={one.pick_rate} band={one.pick_rate_ci} scale={scale} wide /></td>
              <td class="num">{count(one.picked)}</td>
              <td class="num">{count(one.shown)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
