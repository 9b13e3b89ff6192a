import { useRef, useState } from "preact/hooks";
import { sampleOf, type Sample } from "../../api/sample";
import { inferDomain, type Correction, type Looking } from "../../api/tables";
import type { Inferred } from "../../api/types";

export interface Proposal {
  file?: File;
  inferred?: Inferred;
  text: string;      // of the domain file: as inferred, or as it was edited
  edited: boolean;
  looking: Looking;
  share?: number;    // of the file that has gone, while it is looked at
  fault: string;
}

const kNothing: Looking = { corrections: [], id: undefined, encoding: "auto" };

// The correction of a column once more is said of the same column.
function merged(corrections: Correction[], now: Correction): Correction[] {
  const before = corrections.find(({ column }) => column === now.column);
  return [...corrections.filter((each) => each !== before), { ...before, ...now }];
}

// The table as it will be, while the server looks again.
function expected(inferred: Inferred, { column, name, type, ignored, required, closed, feature }: Correction): Inferred {
  const columns = inferred.columns.map((each) => each.table !== "items" || each.column !== column ? each : {
    ...each, field: name || each.field, type: type ?? each.type, required: required ?? each.required, feature: feature ?? each.feature,
    role: ignored === undefined ? each.role : ignored ? "ignored" : "field", values: closed === false ? [] : each.values,
  });
  return { ...inferred, columns };
}

// A domain file proposed for a file, looked at anew after every correction. The answer to the last look counts.
export function useInferred() {
  const [proposal, setProposal] = useState<Proposal>({ text: "", edited: false, looking: kNothing, fault: "" });
  const sample = useRef<Promise<Sample>>();
  const turn = useRef(0);
  const change = (part: Partial<Proposal>) => setProposal((before) => ({ ...before, ...part }));

  async function look(file: File, looking: Looking) {
    const mine = ++turn.current;
    change({ file, looking, share: 0, fault: "" });
    try {
      const inferred = await inferDomain(file.name, await sample.current!, looking, (share) => { if (mine === turn.current) change({ share }); });
      if (mine === turn.current) change({ inferred, text: inferred.text, edited: false, share: undefined });
    } catch (error) {
      if (mine === turn.current) change({ share: undefined, fault: (error as Error).message });
    }
  }

  const { file, looking } = proposal;
  return {
    proposal,
    take: (taken: File) => {
      sample.current = sampleOf(taken);
      change({ inferred: undefined });
      void look(taken, kNothing);
    },
    correct: (now: Correction) => {
      change({ inferred: expected(proposal.inferred!, now) });
      void look(file!, { ...looking, corrections: merged(looking.corrections, now) });
    },
    // What a column is: a field, the id, or left out.
    choose: (column: string, role: string, before: string) => {
      const corrections = merged(looking.corrections, { column, ignored: role === "ignored" });
      const id = role === "id" ? column : before === "id" ? "" : looking.id;
      void look(file!, { ...looking, corrections, id });
    },
    readAs: (encoding: string) => { void look(file!, { ...looking, encoding }); },
    edit: (text: string) => change({ text, edited: true }),
  };
}
