import type { TaskState } from "../api/types";
import { Badge, type Tone } from "./Badge";

const kTones: Record<TaskState, Tone> = {
  scheduled: "warn", ready: "warn", running: "live", succeeded: "good", failed: "bad", cancelled: "plain",
  expired: "plain",
};

export function StateBadge({ state }: { state: TaskState }) {
  return <Badge tone={kTones[state]}>{state}</Badge>;
}
