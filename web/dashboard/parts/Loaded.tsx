import type { ComponentChildren } from "preact";
import type { Polled } from "../state/usePoll";
import { useConnection } from "../state/useConnection";
import { ago } from "../text/format";
import { Failure } from "./Failure";

interface Props<T> {
  of: Polled<T>;
  room?: number;  // rem that the content will take about, kept free meanwhile
  children: (value: T) => ComponentChildren;
}

// The value once it is there, else that it is on its way or why not. A value whose last look failed is grey, with its age;
// when the whole server is away, the notice above says so for all.
export function Loaded<T>({ of, room = 0, children }: Props<T>) {
  const away = useConnection() !== "good";
  if (of.value !== undefined) {
    if (!of.error || away) return <>{children(of.value)}</>;
    return (
      <div class="old">
        <p class="old-note" role="status">From {ago(of.at)}: {of.error.message} <button type="button" class="quiet small" onClick={of.again}>Try again</button></p>
        <div class="old-content">{children(of.value)}</div>
      </div>
    );
  }
  if (of.error) return <Failure error={of.error} again={of.again} />;
  return <p class="loading" role="status" style={room > 0 ? { minHeight: `${room}rem` } : undefined}>Loading …</p>;
}
