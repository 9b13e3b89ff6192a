import type { ImportReport } from "../api/types";
import { count, plural } from "../text/format";

const kShown = 100;

// Rows of a file that were passed over, with the reasons.
export function BadRows({ report }: { report: ImportReport }) {
  if (report.bad_rows === 0) return null;
  const shown = report.bad.slice(0, kShown);
  return (
    <div class="bad-rows">
      <h3>{plural(report.bad_rows, "row")} passed over</h3>
      <div class="scroll" tabIndex={0} role="region" aria-label="Table of bad rows">
        <table class="close">
          <thead><tr><th scope="col" class="num">Line</th><th scope="col">Why</th></tr></thead>
          <tbody>{shown.map(({ line, reason }) => <tr key={line}><td class="num">{count(line)}</td><td class="wrap">{reason}</td></tr>)}</tbody>
        </table>
      </div>
      {report.bad_rows > shown.length && <p class="note">The first {shown.length}; mend the file and import it again: known ids are replaced.</p>}
    </div>
  );
}
