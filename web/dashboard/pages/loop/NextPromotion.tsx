import { blocking } from "./blocking";
import type { LoopState } from "./readLoop";

export function NextPromotion({ loop }: { loop: LoopState }) {
  const { sentence, step } = blocking(loop);
  return (
    <section class="next" aria-label="The next promotion">
      <p>{sentence}</p>
      <a class="button quiet" href={step.href}>{step.text}</a>
    </section>
  );
}
