import { useState } from "preact/hooks";
import { send } from "../../api/client";
import type { ModelEvent } from "../../api/types";
import { ReasonDialog } from "../../parts/ReasonDialog";

// Back to the champion before this one; offered once there was one.
export function Rollback({ history, done }: { history: ModelEvent[]; done: () => void }) {
  const [asked, setAsked] = useState(false);
  if (history.filter((event) => event.what === "promoted").length < 2) return null;
  return (
    <>
      <button type="button" class="quiet" onClick={() => setAsked(true)}>Roll back</button>
      {asked && (
        <ReasonDialog title="Roll back" act="Roll back" close={() => setAsked(false)} carryOut={async (reason) => {
          await send("POST", "/models/rollback", { reason, actor: "dashboard" });
          done();
        }}>
          <p>The champion before this one answers again, from the next task on.</p>
        </ReasonDialog>
      )}
    </>
  );
}
