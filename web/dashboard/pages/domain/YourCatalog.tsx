import { useState } from "preact/hooks";
import { forgetDomain } from "../../api/domain";
import { changeDomain, diffDomain, importItems } from "../../api/tables";
import type { DomainDiff, DomainFile, ImportReport } from "../../api/types";
import { BadRows } from "../../parts/BadRows";
import { Card } from "../../parts/Card";
import { Sending } from "../../parts/Sending";
import { count, plural } from "../../text/format";
import { Changes } from "./Changes";
import { ColumnTable } from "./ColumnTable";
import { DropFile } from "./DropFile";
import { FirstRanking } from "./FirstRanking";
import { useInferred } from "./useInferred";

interface Props {
  served: DomainFile;
  begin: () => void;
  changed: () => void;
}

const kRows = 24;
const kLatin = "latin1";

// From a file to a first ranking: what the file holds, corrected; the domain; the items; the list.
export function YourCatalog({ served, begin, changed }: Props) {
  const { proposal, take, correct, choose, readAs, edit } = useInferred();
  const { file, inferred, text, edited, looking } = proposal;
  const [step, setStep] = useState("");  // what is being done; empty: nothing
  const [share, setShare] = useState<number>();
  const [fault, setFault] = useState("");
  const [diff, setDiff] = useState<DomainDiff>();
  const [report, setReport] = useState<ImportReport>();

  async function importAll() {
    setStep("Importing the items …");
    setShare(0);
    setReport(await importItems(file!, { id: inferred!.id_column, numbered: inferred!.number_rows, skipBad: true, encoding: looking.encoding }, setShare));
  }
  async function apply() {
    setFault("");
    setDiff(undefined);
    setStep("Changing the domain …");
    begin();
    try {
      const told = await diffDomain(text);
      if (told.taken_over) {
        await changeDomain(text, served.fingerprint);
        forgetDomain();
        changed();
        await importAll();
      } else {
        setDiff(told);
      }
    } catch (error) {
      setFault((error as Error).message);
    }
    setShare(undefined);
    setStep("");
  }

  // Rows that cannot be read may be of the encoding that many spreadsheets write.
  const unread = looking.encoding === "auto" && (proposal.fault.includes("UTF-8") || (inferred?.items.bad_rows ?? 0) > 0);
  const busy = step !== "" || proposal.share !== undefined;
  if (report) {
    return (
      <>
        <Card title="Your catalog" note={file!.name}>
          <p role="status">{plural(report.created, "item")} added, {count(report.updated)} replaced.</p>
          <BadRows report={report} />
        </Card>
        <FirstRanking />
      </>
    );
  }
  return (
    <Card title="Your catalog" note={inferred ? `${file!.name}: ${inferred.items.whole_file ? "all" : "the first"} ${plural(inferred.items.rows, "row")}` : "From a file of items to a first ranking; nothing is kept before you apply it"}>
      {!inferred && <DropFile take={take} busy={busy} />}
      {proposal.share !== undefined && <Sending what={file!.name} share={proposal.share} />}
      {(fault || proposal.fault) && <p class="fault" role="alert">{fault || proposal.fault}</p>}
      {unread && <button type="button" class="quiet" onClick={() => readAs(kLatin)}>Read it as Latin-1</button>}
      {inferred && (
        <>
          {inferred.items.bad_rows > 0 && <p class="note">{plural(inferred.items.bad_rows, "row")} cannot be read and would be passed over.</p>}
          {inferred.doubts.map((doubt) => <p key={doubt} class="note">{doubt}</p>)}
          <p class="note">{inferred.number_rows ? "No column is the id: the rows are numbered." : <>The id of an item is <b>{inferred.id_column}</b>.</>}</p>
          <ColumnTable inferred={inferred} correct={correct} choose={choose} />
          <details class="expert">
            <summary>The domain file (TOML){edited && ", edited by hand"}</summary>
            <textarea class="code" aria-label="The proposed domain file" rows={kRows} spellcheck={false} value={text} onInput={(event) => edit(event.currentTarget.value)} />
            <p class="note">A correction in the table writes it anew.</p>
          </details>
          <div class="row">
            <button type="button" disabled={busy || proposal.fault !== ""} onClick={apply}>Use it, import and rank</button>
            <label class="button quiet file">Another file
              <input type="file" disabled={busy} onChange={(event) => { const other = event.currentTarget.files?.[0]; if (other) take(other); }} />
            </label>
            <span class="note" role="status">{step}</span>
          </div>
          {share !== undefined && <Sending what="the items" share={share} />}
          {diff && <Changes diff={diff} />}
        </>
      )}
    </Card>
  );
}
