import type { LoopReport } from "../../api/types";
import { NeedBar } from "../../parts/NeedBar";
import { blocking } from "./blocking";
import type { LoopState } from "./readLoop";

export function NextPromotion({ loop, report }: { loop: LoopState; report?: LoopReport }) {
  const { sentence, step } = blocking(loop, report);
  return (
    <section class="next" aria-label="The next promotion">
      <div class="next-words">
        <p>{sentence}</p>
        {report?.needs && <NeedBar needs={report.needs} />}
      </div>
      <a class="button quiet" href={step.href}>{step.text}</a>
    </section>
  );
}
