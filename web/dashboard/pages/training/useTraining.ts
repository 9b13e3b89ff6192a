import { useEffect, useState } from "preact/hooks";
import { stream } from "../../api/stream";
import type { Training } from "../../api/types";

// What a training has told since the page looks at it.
export interface Watched {
  last?: Training;
  steps: Training[];  // one an epoch, those with a loss
  error?: Error;
}

const kAgain = 2000;

function add(before: Watched, event: Training): Watched {
  const isStep = event.loss !== undefined && (event.epoch ?? 0) > 0;
  const known = before.steps.some((step) => step.epoch === event.epoch && step.phase === event.phase);
  return { last: event, steps: isStep && !known ? [...before.steps, event] : before.steps };
}

// Follows a training over its stream, which is opened again when it breaks before the end.
export function useTraining(task: string | undefined): Watched {
  const [watched, setWatched] = useState<Watched>({ steps: [] });
  useEffect(() => {
    if (!task) return;
    const abort = new AbortController();
    let timer = 0;
    let ended = false;
    async function follow() {
      try {
        await stream<Training>(`/train/events/${task}`, (event) => {
          ended = !["scheduled", "ready", "running"].includes(event.state);
          setWatched((before) => add(before, event));
        }, abort.signal);
      } catch (error) {
        if (abort.signal.aborted) return;
        setWatched((before) => ({ ...before, error: error as Error }));
      }
      if (!ended && !abort.signal.aborted) timer = window.setTimeout(follow, kAgain);
    }
    void follow();
    return () => { abort.abort(); window.clearTimeout(timer); };
  }, [task]);
  return watched;
}
