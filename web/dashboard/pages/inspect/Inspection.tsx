import { useState } from "preact/hooks";
import type { ItemId, Task } from "../../api/types";
import { Card } from "../../parts/Card";
import { Empty } from "../../parts/Empty";
import { Loaded } from "../../parts/Loaded";
import { Pairs } from "../../parts/Pairs";
import { usePoll } from "../../state/usePoll";
import { count } from "../../text/format";
import { Explained } from "./Explained";
import { LeftOutCandidates } from "./LeftOutCandidates";
import { OtherModel } from "./OtherModel";
import { RankedAgain } from "./RankedAgain";
import { Ranking } from "./Ranking";
import { TaskTimeline } from "./TaskTimeline";
import { readInspection } from "./readInspection";

export function Inspection({ task }: { task: Task }) {
  const [item, setItem] = useState<ItemId>();
  const found = usePoll(() => readInspection(task), [task.task_id]);
  return (
    <>
      <Card title="Task" note={<span class="id">{task.task_id}</span>}><TaskTimeline task={task} ranking={found.value?.ranking} /></Card>
      {task.type === "training" && <p><a href={`#/training/${task.task_id}`}>See this training</a></p>}
      {task.type === "inference" && (
        <Loaded of={found} room={80}>
          {(value) => {
            if (value.ranking.length === 0) {
              return (
                <>
                  <Empty title="There is no ranking">{task.state === "succeeded" ? "Nothing was eligible." : `The task is ${task.state}.`}</Empty>
                  <LeftOutCandidates leftOut={value.leftOut} />
                </>
              );
            }
            const chosen = item ?? value.ranking[0].item;
            return (
              <div class="columns wide-left">
                <div>
                  <Card title="Ranking" note={`The best ${value.ranking.length} of ${count(value.total)}; choose a row for its explanation`}>
                    <Ranking ranking={value.ranking} chosen={chosen} choose={setItem} />
                  </Card>
                  <LeftOutCandidates leftOut={value.leftOut} />
                  {value.request && <Card title="Request" note={value.domain.userName}><Pairs fields={value.request} /></Card>}
                </div>
                <div>
                  <Card title={`Why ${chosen}?`} note={`${value.domain.itemName} ${chosen}`}>
                    <Explained key={chosen} task={task.task_id} item={chosen} />
                  </Card>
                  <Card title="Through another model" note="What was ranked, in its order; nothing is recorded">
                    <OtherModel task={task.task_id} itemId={value.domain.itemId} stored={value.ranking.map((one) => one.item)} />
                  </Card>
                  <Card title="Ranked again" note="The whole request, as it was or with something changed; nothing is recorded">
                    <RankedAgain task={task.task_id} itemId={value.domain.itemId} />
                  </Card>
                </div>
              </div>
            );
          }}
        </Loaded>
      )}
    </>
  );
}
