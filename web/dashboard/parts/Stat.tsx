import type { ComponentChildren } from "preact";

// One figure with its name; a list of them is a <dl class="stats">.
export function Stat({ name, value, note }: { name: string; value: ComponentChildren; note?: ComponentChildren }) {
  return (
    <div class="stat">
      <dt>{name}</dt>
      <dd>{value}{note && <small>{note}</small>}</dd>
    </div>
  );
}
