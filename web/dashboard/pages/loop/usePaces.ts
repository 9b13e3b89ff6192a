import { useEffect, useState } from "preact/hooks";
import type { LoopReport } from "../../api/types";

// Events a second at every report of the stream since the page was opened.
export interface Paces {
  times: number[];  // seconds since 1970
  requests: number[];
  scored: number[];
  outcomes: number[];
}

const kKept = 300;

export function usePaces(report: LoopReport | undefined): Paces {
  const [reports, setReports] = useState<LoopReport[]>([]);
  useEffect(() => {
    if (report) setReports((before) => [...before, report].slice(-kKept));
  }, [report]);
  const into = (to: string) => reports.map(({ arrows }) => arrows.find((arrow) => arrow.to === to)?.per_second ?? 0);
  return {
    times: reports.map(({ at }) => Date.parse(at) / 1000),
    requests: into("requests"), scored: into("scored"), outcomes: into("picked"),
  };
}
