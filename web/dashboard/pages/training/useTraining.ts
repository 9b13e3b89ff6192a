import { useEffect, useState } from "preact/hooks";
import { followShared } from "../../api/sharedStream";
import type { LossPoint, Training } from "../../api/types";

// What a training has told since the page looks at it.
export interface Watched {
  last?: Training;
  curve: LossPoint[];
  error?: Error;
}

// Follows a training over the stream that all tabs share, until it has ended and while the page is seen.
export function useTraining(task: string | undefined): Watched {
  const [watched, setWatched] = useState<Watched>({ curve: [] });
  useEffect(() => {
    if (!task) return;
    let end: (() => void) | undefined;
    let ended = false;
    function seen() {
      end?.();
      if (document.hidden || ended) return;
      end = followShared<Training>(`/train/events/${task}`, `/train/status/${task}`, ({ value, error }) => {
        if (error || !value) return setWatched((before) => ({ ...before, error }));
        setWatched((before) => ({ last: value, curve: value.curve ?? before.curve }));
        ended = !["scheduled", "ready", "running"].includes(value.state);
        if (ended) end?.();
      });
    }
    seen();
    document.addEventListener("visibilitychange", seen);
    return () => { end?.(); document.removeEventListener("visibilitychange", seen); };
  }, [task]);
  return watched;
}
