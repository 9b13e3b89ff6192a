import { useEffect, useState } from "preact/hooks";
import { stream } from "../../api/stream";
import type { LossPoint, Training } from "../../api/types";

// What a training has told since the page looks at it.
export interface Watched {
  last?: Training;
  curve: LossPoint[];
  error?: Error;
}

const kAgain = 2000;

// Follows a training over its stream, which is opened again when it breaks before the end.
export function useTraining(task: string | undefined): Watched {
  const [watched, setWatched] = useState<Watched>({ curve: [] });
  useEffect(() => {
    if (!task) return;
    const abort = new AbortController();
    let timer = 0;
    let ended = false;
    async function follow() {
      try {
        await stream<Training>(`/train/events/${task}`, (event) => {
          ended = !["scheduled", "ready", "running"].includes(event.state);
          setWatched((before) => ({ last: event, curve: event.curve ?? before.curve }));
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
