import { get } from "../../api/client";
import type { Model, ModelDetail } from "../../api/types";
import { Card } from "../../parts/Card";
import { FileLink } from "../../parts/FileLink";
import { Loaded } from "../../parts/Loaded";
import { keepInAddress } from "../../state/route";
import { usePoll } from "../../state/usePoll";
import { clock } from "../../text/format";
import { Calibration } from "./Calibration";
import { Evidence } from "./Evidence";
import { FigureTable } from "./FigureTable";
import { ImportanceBars } from "./ImportanceBars";
import { ModelActions } from "./ModelActions";

interface Props {
  model: Model;
  models: Model[];
  beside: string;  // the model that it is compared with; empty: the champion
  done: () => void;
}

// One model beside another, the champion unless somebody chooses: evidence, figures, what moves the scores, and what
// can be done with it.
export function ModelPanel({ model, models, beside, done }: Props) {
  const detail = usePoll(() => get<ModelDetail>(`/models/${model.model_id}`), [model.model_id, model.champion]);
  const others = models.filter((one) => one.model_id !== model.model_id);
  const other = others.find((one) => String(one.model_id) === beside) ?? others.find((one) => one.champion) ?? others.at(-1);
  return (
    <Card title={`${model.family} ${model.model_id}`} note={`Made ${clock(model.created)}`}
      action={<ModelActions model={model} done={done} />}>
      <Loaded of={detail} room={40}>
        {(value) => (
          <>
            <div class="columns">
              <div>
                <h3>The gate's evidence</h3>
                <Evidence gate={value.gate} />
              </div>
              <div>
                <div class="row spread">
                  <h3>Figures</h3>
                  {other && (
                    <label class="beside">
                      <span>beside</span>
                      <select value={String(other.model_id)} onChange={(event) => keepInAddress({ beside: event.currentTarget.value })}>
                        {others.map((one) => (
                          <option key={one.model_id} value={String(one.model_id)}>{one.family} {one.model_id}{one.champion ? ", champion" : ""}</option>
                        ))}
                      </select>
                    </label>
                  )}
                </div>
                <FigureTable model={value} other={other} />
                <Calibration model={value} />
              </div>
            </div>
            <h3 class="apart">What moves its scores</h3>
            <ImportanceBars model={model} other={other} />
            <p class="note"><FileLink path={`/models/${model.model_id}/artefact`} save={`model-${model.model_id}.rankloop`}>Download the model</FileLink></p>
          </>
        )}
      </Loaded>
    </Card>
  );
}
