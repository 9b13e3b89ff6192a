import { get } from "../../api/client";
import type { ModelDetail, Training } from "../../api/types";
import { Card } from "../../parts/Card";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import { ImportanceBars } from "../models/ImportanceBars";
import { Funnel } from "./Funnel";
import { LineageTable } from "./LineageTable";

// The model that a training made; undefined after a dry run.
async function read(task: string): Promise<ModelDetail | null> {
  const training = await get<Training>(`/train/status/${task}`);
  return training.model_id === null ? null : get<ModelDetail>(`/models/${training.model_id}`);
}

// What a training learned from: the funnel of its dataset, and the lineage that makes it repeatable.
export function Origin({ task }: { task: string }) {
  const model = usePoll(() => read(task), [task]);
  return (
    <Loaded of={model} room={70}>
      {(value) => value?.lineage && (
        <>
          <div class="columns even">
            <Card title="Dataset" note="From the requests in the window to the rows that were learned from">
              <Funnel lineage={value.lineage} />
            </Card>
            <Card title="Lineage" note="What it would take to train the same model again">
              <LineageTable lineage={value.lineage} artefact={value.artefact} />
            </Card>
          </div>
          <Card title="What moves its scores" note={`${value.family} ${value.model_id}`}><ImportanceBars model={value} /></Card>
        </>
      )}
    </Loaded>
  );
}
