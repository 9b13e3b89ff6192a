import { get } from "../../api/client";
import type { Model, ModelDetail, ModelEvent, SystemState } from "../../api/types";

// What the loop has done so far, from the ledger and the registry.
export interface LoopState {
  system: SystemState;
  models: Model[];
  champion?: ModelDetail;
  history: ModelEvent[];  // newest first
  training: boolean;      // one waits or runs
  shown: number;          // lists shown to somebody, by any model
  picked: number;
  none: number;
}

export async function readLoop(): Promise<LoopState> {
  const [system, models, history] = await Promise.all([
    get<SystemState>("/system"), get<Model[]>("/models"), get<ModelEvent[]>("/models/history?limit=50"),
  ]);
  const current = models.find((model) => model.champion);
  const champion = current && await get<ModelDetail>(`/models/${current.model_id}`);
  const open = system.tasks.training;
  const sum = (of: (model: Model) => number) => models.reduce((total, model) => total + of(model), 0);
  return {
    system, models, champion, history, training: Boolean(open.scheduled || open.ready || open.running),
    shown: sum((model) => model.counts.shown),
    picked: sum((model) => model.counts.picked),
    none: sum((model) => model.counts.none),
  };
}
