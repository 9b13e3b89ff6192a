import type { LoopReport } from "../../api/types";
import { blocking } from "./blocking";
import type { LoopState } from "./readLoop";

export function NextPromotion({ loop, report }: { loop: LoopState; report?: LoopReport }) {
  const { sentence, step } = blocking(loop, report);
  return (
    <section class="next" aria-label="The next promotion">
      <p>{sentence}</p>
      <a class="button quiet" href={step.href}>{step.text}</a>
    </section>
  );
}
