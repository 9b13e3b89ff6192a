import { useState } from "preact/hooks";
import { get } from "../../api/client";
import type { Experiment, Model } from "../../api/types";
import { Card } from "../../parts/Card";
import { Loaded } from "../../parts/Loaded";
import { NotFound } from "../../parts/NotFound";
import { usePoll } from "../../state/usePoll";
import type { PageProps } from "../props";
import { Draft } from "./Draft";
import { ExperimentPanel } from "./ExperimentPanel";
import { ExperimentTable } from "./ExperimentTable";

const kEvery = 10_000;

async function read() {
  const [experiments, models] = await Promise.all([get<Experiment[]>("/experiments"), get<Model[]>("/models")]);
  return { experiments, models };
}

export function Experiments({ argument, query }: PageProps) {
  const all = usePoll(read, [], kEvery);
  const [drafting, setDrafting] = useState(false);
  return (
    <Loaded of={all} room={60}>
      {({ experiments, models }) => {
        const named = experiments.find((one) => String(one.experiment_id) === argument);
        const chosen = argument === "" ? experiments.filter((one) => one.state === "running").at(-1) ?? experiments.at(-1) : named;
        return (
          <>
            {argument !== "" && !named && <NotFound what={`There is no experiment ${argument}.`}>Those that there are stand below.</NotFound>}
            <Card title="All experiments" note="Each that runs has people of its own; a person is in one of them at most"
              action={<button type="button" onClick={() => setDrafting(true)}>Draft an experiment</button>}>
              <ExperimentTable experiments={experiments} chosen={chosen?.experiment_id} />
            </Card>
            {chosen && <ExperimentPanel key={chosen.experiment_id} experiment={chosen} models={models} field={query.get("field") ?? ""} done={all.again} />}
            {drafting && <Draft models={models} close={() => setDrafting(false)} done={all.again} />}
          </>
        );
      }}
    </Loaded>
  );
}
