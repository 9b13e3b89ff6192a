import type { ComponentChildren } from "preact";

// What stands where nothing is yet: why, and the next step.
export function Empty({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="empty">
      <svg viewBox="0 0 64 40" aria-hidden="true"><path d="M12 20a20 12 0 1 0 40 0a20 12 0 1 0 -40 0" /></svg>
      <p class="empty-title">{title}</p>
      <div>{children}</div>
    </div>
  );
}
