import { get } from "../../api/client";
import type { Task } from "../../api/types";
import { Card } from "../../parts/Card";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import type { PageProps } from "../pages";
import { LiveTraining } from "./LiveTraining";
import { Origin } from "./Origin";
import { StartTraining } from "./StartTraining";
import { TrainingList } from "./TrainingList";

const kEvery = 3000;
const kListed = 20;

export function Training({ argument }: PageProps) {
  const trainings = usePoll(() => get<Task[]>(`/tasks?kind=training&limit=${kListed}`), [], kEvery);
  return (
    <Loaded of={trainings}>
      {(tasks) => {
        const chosen = tasks.find((task) => task.task_id === argument) ?? tasks[0];
        return (
          <>
            <div class="columns even">
              <Card title="Start a training" note="Learns from what was shown and picked; then the gate judges">
                <StartTraining done={trainings.again} />
              </Card>
              <Card title="Progress" note={chosen ? "Live from the worker" : undefined}>
                <LiveTraining key={chosen?.task_id} task={chosen} />
              </Card>
            </div>
            {chosen?.state === "succeeded" && <Origin key={chosen.task_id} task={chosen.task_id} />}
            <Card title="Trainings">
              <TrainingList tasks={tasks} chosen={chosen?.task_id} />
            </Card>
          </>
        );
      }}
    </Loaded>
  );
}
