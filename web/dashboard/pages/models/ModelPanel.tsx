import { get } from "../../api/client";
import type { Model, ModelDetail } from "../../api/types";
import { Card } from "../../parts/Card";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import { clock } from "../../text/format";
import { Evidence } from "./Evidence";
import { FigureTable } from "./FigureTable";
import { ModelActions } from "./ModelActions";

interface Props {
  model: Model;
  champion?: Model;
  done: () => void;
}

// One model: what the gate said of it, its figures beside the champion's, and what can be done with it.
export function ModelPanel({ model, champion, done }: Props) {
  const detail = usePoll(() => get<ModelDetail>(`/models/${model.model_id}`), [model.model_id, model.champion]);
  const other = champion && champion.model_id !== model.model_id ? champion : undefined;
  return (
    <Card title={`${model.family} ${model.model_id}`} note={`Made ${clock(model.created)}`}
      action={<ModelActions model={model} done={done} />}>
      <Loaded of={detail}>
        {(value) => (
          <div class="columns">
            <div>
              <h3>The gate's evidence</h3>
              <Evidence gate={value.gate} />
            </div>
            <div>
              <h3>{other ? `Figures, beside the champion ${other.family} ${other.model_id}` : "Figures"}</h3>
              <FigureTable model={value} other={other} />
              <p class="note"><a href={`/models/${model.model_id}/artefact`} download>Download the model</a></p>
            </div>
          </div>
        )}
      </Loaded>
    </Card>
  );
}
