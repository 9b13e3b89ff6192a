import { get } from "../../api/client";
import type { Model, ModelDetail, ModelEvent, SystemState, Task } from "../../api/types";

// What the loop has done so far, from the ledger and the registry.
export interface LoopState {
  system: SystemState;
  models: Model[];
  champion?: ModelDetail;
  history: ModelEvent[];  // newest first
  training?: Task;        // the newest
  shown: number;          // lists shown to somebody, by any model
  picked: number;
  none: number;
}

export async function readLoop(): Promise<LoopState> {
  const [system, models, history, trainings] = await Promise.all([
    get<SystemState>("/system"), get<Model[]>("/models"), get<ModelEvent[]>("/models/history?limit=50"),
    get<Task[]>("/tasks?kind=training&limit=1"),
  ]);
  const current = models.find((model) => model.champion);
  const champion = current && await get<ModelDetail>(`/models/${current.model_id}`);
  const sum = (of: (model: Model) => number) => models.reduce((total, model) => total + of(model), 0);
  return {
    system, models, champion, history, training: trainings[0],
    shown: sum((model) => model.counts.shown),
    picked: sum((model) => model.counts.picked),
    none: sum((model) => model.counts.none),
  };
}
