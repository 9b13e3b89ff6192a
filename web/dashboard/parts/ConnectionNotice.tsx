import { useEffect, useState } from "preact/hooks";
import { get } from "../api/client";
import { useConnection } from "../state/useConnection";

const kRetry = 2000;
const kFarewell = 3000;

// Says that the server does not answer, asks again by itself, and says when it is back.
export function ConnectionNotice() {
  const state = useConnection();
  const [back, setBack] = useState(false);
  const ask = () => get("/health/live").catch(() => undefined);

  useEffect(() => {
    if (state !== "lost") return;
    const timer = window.setInterval(ask, kRetry);
    return () => { window.clearInterval(timer); setBack(true); };
  }, [state]);
  useEffect(() => {
    if (!back) return;
    const timer = window.setTimeout(() => setBack(false), kFarewell);
    return () => window.clearTimeout(timer);
  }, [back]);

  return (
    <div role="status" aria-live="polite">
      {state === "lost" && (
        <div class="notice bad">
          <p><strong>The server does not answer.</strong> What you see is from before. Trying again every two seconds.</p>
          <button type="button" onClick={ask}>Try now</button>
        </div>
      )}
      {state === "good" && back && <div class="notice good"><p>The server is back.</p></div>}
    </div>
  );
}
