import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { DriftHistory, FeatureHistory, HistoryMeaning } from "../../api/types";
import { Chart } from "../../charts/Chart";
import { Distribution } from "../../charts/Distribution";
import { Badge } from "../../parts/Badge";
import { clock, count, fixed, words } from "../../text/format";
import { toneOf } from "./bounds";

interface Props {
  history: DriftHistory;
  feature: FeatureHistory;
  happened?: HistoryMeaning;
  close: () => void;
}

// One feature through all windows: its index as a line, its distribution in the window that is chosen.
export function FeatureDialog({ history, feature, happened, close }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const last = history.windows.length - 1;
  const [at, setAt] = useState(last);
  useEffect(() => dialog.current?.showModal(), []);
  const chart = useMemo(() => ({
    x: history.windows.map((window) => (Date.parse(window.from) + Date.parse(window.until)) / 2000),
    lines: [{ name: "stability index", colour: "--accent", values: feature.stability_indexes }],
  }), [history, feature]);
  const window = history.windows[at];
  const index = feature.stability_indexes[at];
  const tone = feature.side === "request" && window.requests >= 200 ? toneOf(index) : "plain";
  return (
    <dialog ref={dialog} class="wide" aria-labelledby="feature-title" onClose={close}>
      <h2 id="feature-title">{words(feature.feature)}</h2>
      {happened && <p>{happened.means}</p>}
      <p class="note">Against what model {history.model_id} was trained on, in windows of the newest requests.</p>
      {last > 0 && <Chart label={`Stability index of ${words(feature.feature)} over time`} xTime unit={(value) => fixed(value, 3)} height={150} {...chart} />}
      <div class="window">
        <label for="window">Window {at + 1} of {last + 1}</label>
        <input id="window" type="range" min="0" max={last} value={at} aria-valuetext={`${clock(window.from)}, index ${fixed(index, 3)}`}
          onInput={(event) => setAt(Number(event.currentTarget.value))} />
        <Badge tone={tone}>{fixed(index, 3)}</Badge>
      </div>
      <p class="note" aria-live="polite">{clock(window.from)} to {clock(window.until)}, {count(window.requests)} requests</p>
      <p class="keys"><span class="key"><i class="swatch then" />in training</span><span class="key"><i class="swatch now" />in this window</span></p>
      <Distribution feature={{ ...feature, recent: feature.window_shares[at], stability_index: index }} history={happened} />
      <div class="row end"><button type="button" class="quiet" onClick={() => dialog.current?.close()}>Close</button></div>
    </dialog>
  );
}
