import { get } from "../../api/client";
import type { ExperimentSize } from "../../api/types";
import { usePoll } from "../../state/usePoll";
import { count, percent } from "../../text/format";

interface Props {
  method: string;
  primary: string;
  effect: string;
  baseline: string;  // or the deviation, of a metric that is no rate
}

// How many people it takes, as soon as that can be said.
export function SizeOf({ method, primary, effect, baseline }: Props) {
  const name = primary.endsWith("_rate") ? "baseline" : "deviation";
  const asked = effect !== "" && baseline !== "";
  const size = usePoll(
    async () => asked ? get<ExperimentSize>(`/experiments/size?${new URLSearchParams({ method, [name]: baseline, effect })}`) : undefined,
    [method, name, effect, baseline]);
  if (size.error) return <p class="note" role="status">{size.error.message}</p>;
  if (!size.value) return <p class="note" role="status">{asked ? "…" : "The size is computed from what was measured so far."}</p>;
  return (
    <p class="note" role="status">
      <b>{count(size.value.people_per_arm)} people {method === "interleaving" ? "with lists of both arms" : "in each arm"}</b> see an effect of that size with a chance of {percent(size.value.power, 0)}, and one that is not there with {percent(size.value.alpha, 0)}.
    </p>
  );
}
