import type { ComponentChildren } from "preact";
import type { Polled } from "../state/usePoll";
import { Failure } from "./Failure";

// The value once it is there, else that it is on its way or why not.
export function Loaded<T>({ of, children }: { of: Polled<T>; children: (value: T) => ComponentChildren }) {
  if (of.value !== undefined) return <>{children(of.value)}</>;
  if (of.error) return <Failure error={of.error} again={of.again} />;
  return <p class="loading" role="status">Loading …</p>;
}
