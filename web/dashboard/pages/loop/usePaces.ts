import { useEffect, useState } from "preact/hooks";
import { readMetrics, type Histogram, type Metrics } from "../../api/metrics";
import { usePoll } from "../../state/usePoll";
import type { LoopState } from "./readLoop";

// Events a second between two looks at the counters; the clocks are the browser's.
export interface Paces {
  times: number[];  // seconds since 1970, one a look
  requests: (number | null)[];
  scored: (number | null)[];
  picks: (number | null)[];
  none: (number | null)[];
  shown?: number;  // a second, from the ledger
  total?: Histogram;
  waiting: number;
  failed: number;
}

const kEvery = 2000;
const kKept = 150;

interface Look {
  metrics: Metrics;
  time: number;
}

function paceOf(looks: Look[], name: string): (number | null)[] {
  return looks.map((look, index) => {
    const before = looks[index - 1];
    if (!before) return null;
    const gained = look.metrics.value(name) - before.metrics.value(name);
    // A counter that falls was begun anew by a restart.
    return gained < 0 ? null : gained * 1000 / (look.metrics.at - before.metrics.at);
  });
}

export function usePaces(loop: LoopState | undefined): Paces {
  const polled = usePoll(readMetrics, [], kEvery);
  const [looks, setLooks] = useState<Look[]>([]);
  const [shown, setShown] = useState<{ at: number; count: number; pace?: number }>();

  useEffect(() => {
    const metrics = polled.value;
    if (metrics) setLooks((before) => [...before, { metrics, time: Date.now() / 1000 }].slice(-kKept));
  }, [polled.value]);
  useEffect(() => {
    if (!loop) return;
    const at = performance.now();
    setShown((before) => ({ at, count: loop.shown,
      pace: before && Math.max(0, (loop.shown - before.count) * 1000 / (at - before.at)) }));
  }, [loop]);

  const last = polled.value;
  const now = (name: string) => last?.value(name) ?? 0;
  return {
    times: looks.map((look) => look.time),
    requests: paceOf(looks, "rankloop_task_started_total"),
    scored: paceOf(looks, "rankloop_task_succeeded_total"),
    picks: paceOf(looks, "rankloop_feedback_good_total"),
    none: paceOf(looks, "rankloop_feedback_bad_total"),
    shown: shown?.pace,
    total: last?.histogram("rankloop_task_total_seconds"),
    waiting: now("rankloop_task_ready") + now("rankloop_task_scheduled"),
    failed: now("rankloop_task_failed_total"),
  };
}
