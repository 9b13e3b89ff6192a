import { get } from "../../api/client";
import type { Model, ModelEvent } from "../../api/types";
import { Card } from "../../parts/Card";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import { NotFound } from "../../parts/NotFound";
import type { PageProps } from "../props";
import { ModelPanel } from "./ModelPanel";
import { ModelTable } from "./ModelTable";
import { Rollback } from "./Rollback";
import { Timeline } from "./Timeline";
import { WouldHaveEarned } from "./WouldHaveEarned";

const kEvery = 5000;

async function read() {
  const [models, history] = await Promise.all([get<Model[]>("/models"), get<ModelEvent[]>("/models/history?limit=100")]);
  return { models, history };
}

export function Models({ argument, query }: PageProps) {
  const registry = usePoll(read, [], kEvery);
  return (
    <Loaded of={registry} room={80}>
      {({ models, history }) => {
        const champion = models.find((model) => model.champion);
        const named = models.find((model) => String(model.model_id) === argument);
        const chosen = argument === "" ? champion : named;
        return (
          <>
            {argument !== "" && !named && (
              <NotFound what={`There is no model ${argument}.`}>{models.length > 0 ? <>Those that there are stand below; <a href="#/models">the champion</a> is chosen without a number.</> : "None was made yet."}</NotFound>
            )}
            <Card title="Who answers" note="Pick rates with their 95 % bands; one champion, the shares sum to 1"
              action={<Rollback history={history} done={registry.again} />}>
              <ModelTable models={models} chosen={chosen?.model_id} />
            </Card>
            {chosen && <ModelPanel key={chosen.model_id} model={chosen} models={models} beside={query.get("beside") ?? ""} done={registry.again} />}
            {chosen && <WouldHaveEarned key={`earned ${chosen.model_id}`} model={chosen} />}
            <Card title="Timeline" note="Who or what changed the registry, and why; newest first">
              <Timeline history={history} />
            </Card>
          </>
        );
      }}
    </Loaded>
  );
}
