import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { onConnection } from "./connection";

export interface Polled<T> {
  value?: T;
  at: number;  // when the value came, ms since 1970; 0: none yet
  error?: Error;  // of the last look; a value beside it is from before
  again: () => void;
}

interface State<T> {
  value?: T;
  at: number;
  error?: Error;
}

// Asks now, every `every` ms while the page is visible, and as soon as a lost server is back. The last good value stays
// when a later look fails. `keys` say when the question is another one; another `sign`, that the same one has another
// answer by now. Without `every` it asks once.
export function usePoll<T>(ask: () => Promise<T>, keys: unknown[], every?: number, sign = ""): Polled<T> {
  const [state, setState] = useState<State<T>>({ at: 0 });
  const [turn, setTurn] = useState(0);
  const newest = useRef(ask);
  newest.current = ask;

  useEffect(() => setState((before) => before.at === 0 && !before.error ? before : { at: 0 }), keys);
  useEffect(() => {
    let ended = false;
    let timer = 0;
    async function look() {
      try {
        const value = await newest.current();
        if (ended) return;
        setState({ value, at: Date.now() });
      } catch (error) {
        if (ended) return;
        setState((before) => ({ ...before, error: error as Error }));
      }
      if (every) timer = window.setTimeout(turnUp, every);
    }
    // A hidden page asks nothing; it looks at once when it is seen again.
    function turnUp() {
      if (!document.hidden) void look(); else document.addEventListener("visibilitychange", turnUp, { once: true });
    }
    turnUp();
    return () => { ended = true; window.clearTimeout(timer); document.removeEventListener("visibilitychange", turnUp); };
  }, [...keys, turn, every, sign]);

  const again = useCallback(() => setTurn((before) => before + 1), []);
  useEffect(() => onConnection((now) => { if (now === "good") again(); }), []);
  return { ...state, again };
}
