import { get } from "../../api/client";
import type { SystemState } from "../../api/types";
import { Badge } from "../../parts/Badge";
import { useConnection } from "../../state/useConnection";
import { usePoll, type Polled } from "../../state/usePoll";

const kEvery = 15_000;

// What is not known now is told without a colour.
function Answer({ name, note, told, well }: { name: string; note: string; told: string; well?: boolean }) {
  return (
    <div>
      <dt>{name} <small class="quiet-text">{note}</small></dt>
      <dd><Badge tone={well === undefined ? "plain" : well ? "good" : "bad"}>{told}</Badge></dd>
    </div>
  );
}

function Check({ name, path, note }: { name: string; path: string; note: string }) {
  const answer = usePoll(() => get<{ status: string }>(path), [], kEvery);
  return (
    <Answer name={name} note={note} told={answer.error ? answer.error.message : answer.value?.status ?? "asking"}
      well={answer.error ? false : answer.value ? true : undefined} />
  );
}

export function Health({ of }: { of: Polled<SystemState> }) {
  const system = of.value;
  const known = useConnection() !== "lost" && !of.error;
  const told = (part?: { kind: string; fault: string | null }) => part ? `${known ? "" : "before: "}${part.fault ?? "answers"}` : "asking";
  const well = (part?: { fault: string | null }) => known && part ? part.fault === null : undefined;
  return (
    <dl class="pairs one" aria-live="polite">
      <Check name="Alive" path="/health/live" note="the process answers" />
      <Check name="Ready" path="/health/ready" note="it may take requests" />
      <Answer name="Store" note={system?.store.kind ?? ""} told={told(system?.store)} well={well(system?.store)} />
      <Answer name="Queue" note={system?.queue.kind ?? ""} told={told(system?.queue)} well={well(system?.queue)} />
    </dl>
  );
}
