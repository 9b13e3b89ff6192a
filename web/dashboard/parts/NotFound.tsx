import type { ComponentChildren } from "preact";

// What an address names is not here: said plainly, with a way on.
export function NotFound({ what, children }: { what: string; children: ComponentChildren }) {
  return (
    <div class="notice missing" role="alert">
      <p><strong>{what}</strong></p>
      <p>{children}</p>
    </div>
  );
}
