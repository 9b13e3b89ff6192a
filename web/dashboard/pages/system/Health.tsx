import { get } from "../../api/client";
import { Badge } from "../../parts/Badge";
import { usePoll } from "../../state/usePoll";

const kEvery = 5000;

function Check({ name, path, note }: { name: string; path: string; note: string }) {
  const answer = usePoll(() => get<{ status: string }>(path), [], kEvery);
  const tone = answer.error ? "bad" : answer.value ? "good" : "plain";
  return (
    <div>
      <dt>{name} <small class="quiet-text">{note}</small></dt>
      <dd><Badge tone={tone}>{answer.error ? answer.error.message : answer.value?.status ?? "asking"}</Badge></dd>
    </div>
  );
}

export function Health() {
  return (
    <dl class="pairs" aria-live="polite">
      <Check name="Alive" path="/health/live" note="the process answers" />
      <Check name="Ready" path="/health/ready" note="the store answers, a model is loaded" />
    </dl>
  );
}
