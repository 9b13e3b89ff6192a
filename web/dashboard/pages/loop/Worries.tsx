import type { LoopArrow } from "../../api/types";
import { HealthMark } from "./HealthMark";

// The arrows that want somebody to look, in sentences.
export function Worries({ arrows }: { arrows: LoopArrow[] }) {
  const some = arrows.filter((arrow) => arrow.health === "attention" || arrow.health === "broken");
  if (some.length === 0) return null;
  return (
    <section class="card worries" aria-label="Worth a look">
      <ul>
        {some.map((arrow) => (
          <li key={arrow.to}><HealthMark health={arrow.health} /> <span><b>{arrow.from} to {arrow.to}</b>: {arrow.says}</span></li>
        ))}
      </ul>
    </section>
  );
}
