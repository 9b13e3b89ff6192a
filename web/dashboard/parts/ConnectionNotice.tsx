import { useEffect, useState } from "preact/hooks";
import { get } from "../api/client";
import { lastHeard } from "../state/connection";
import { useConnection } from "../state/useConnection";
import { useNow } from "../state/useNow";
import { span } from "../text/format";

const kRetry = 2000;
const kFarewell = 3000;

function Age({ since }: { since: number }) {
  const passed = Math.max(0, (useNow(1000) - since) / 1000);
  return <time dateTime={new Date(since).toISOString()} aria-live="off">{span(passed)}</time>;
}

// Says that the server does not answer and how old the page is, asks again by itself, and says when it is back.
export function ConnectionNotice() {
  const state = useConnection();
  const [back, setBack] = useState(false);
  const ask = () => get("/health/live", { deadline: kRetry * 2 }).catch(() => undefined);

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
    <div role="status" aria-live="polite" class="connection">
      {state === "lost" && (
        <div class="notice bad">
          <p><strong>The server does not answer.</strong> What you see is <Age since={lastHeard()} /> old and grey until it is back. Trying again every two seconds.</p>
          <button type="button" onClick={ask}>Try now</button>
        </div>
      )}
      {state === "good" && back && <div class="notice good"><p>The server is back.</p></div>}
    </div>
  );
}
