import { percent } from "../text/format";

// A file on its way: how much of it has gone, then that the server is reading it.
export function Sending({ what, share }: { what: string; share: number }) {
  return (
    <div class="row sending" role="status">
      {share < 1
        ? <><progress max={1} value={share} aria-label={`Sending ${what}`} /><span class="quiet-text">{percent(share, 0)} sent</span></>
        : <><progress aria-label={`Reading ${what}`} /><span class="quiet-text">the server reads it …</span></>}
    </div>
  );
}
