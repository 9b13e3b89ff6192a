import type { ComponentChildren } from "preact";

interface Props {
  title: string;
  note?: ComponentChildren;
  action?: ComponentChildren;
  children: ComponentChildren;
  class?: string;
}

export function Card({ title, note, action, children, class: more = "" }: Props) {
  return (
    <section class={`card ${more}`}>
      <div class="card-head">
        <div>
          <h2>{title}</h2>
          {note && <p class="note">{note}</p>}
        </div>
        {action}
      </div>
      {children}
    </section>
  );
}
