import { useEffect, useState } from "preact/hooks";
import { followShared, type Told } from "../api/sharedStream";
import { onConnection } from "./connection";

export interface Streamed<T> {
  value?: T;  // the newest; it stays when the stream breaks
  error?: Error;
  fresh: boolean;  // a value came lately: what it says is so now
}

const kFresh = 8000;  // ms; a report comes every two seconds

// Follows a stream of the server that all tabs share, while the page is seen.
export function useStream<T>(path: string, report: string): Streamed<T> {
  const [state, setState] = useState<Streamed<T>>({ fresh: false });
  useEffect(() => {
    let end: (() => void) | undefined;
    let timer = 0;
    const old = () => setState((before) => ({ ...before, fresh: false }));
    function tell({ value, error }: Told<T>) {
      if (value === undefined) return setState((before) => ({ ...before, error }));
      window.clearTimeout(timer);
      timer = window.setTimeout(old, kFresh);
      setState({ value, fresh: true });
    }
    function seen() {
      end?.();
      end = document.hidden ? undefined : followShared(path, report, tell);
    }
    seen();
    document.addEventListener("visibilitychange", seen);
    // A server that is back is followed at once, and with the token that was given meanwhile.
    const heard = onConnection((now) => { if (now === "good") seen(); else old(); });
    return () => { end?.(); window.clearTimeout(timer); document.removeEventListener("visibilitychange", seen); heard(); };
  }, [path, report]);
  return state;
}
