import type { Health } from "../../api/types";

// Every state has a word and a shape of its own, so that colour says nothing alone.
export const kShapes: Record<Health, string> = {
  well: "M1 6.5l3.5 3.5L11 2.5",
  still: "M2 6h8",
  attention: "M6 1.5L11.5 11H.5zM6 5v2.6M6 9.3v.2",
  broken: "M2 2l8 8M10 2l-8 8",
};

export function HealthMark({ health }: { health: Health }) {
  return (
    <span class={`health ${health}`}>
      <svg viewBox="0 0 12 12" aria-hidden="true"><path d={kShapes[health]} /></svg>{health}
    </span>
  );
}
