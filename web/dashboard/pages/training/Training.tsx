import { ApiError, get } from "../../api/client";
import type { Task } from "../../api/types";
import { Card } from "../../parts/Card";
import { Loaded } from "../../parts/Loaded";
import { NotFound } from "../../parts/NotFound";
import { usePoll } from "../../state/usePoll";
import type { PageProps } from "../props";
import { LiveTraining } from "./LiveTraining";
import { Origin } from "./Origin";
import { StartTraining } from "./StartTraining";
import { TrainingList } from "./TrainingList";

const kEvery = 5000;
const kListed = 20;

interface Trainings {
  tasks: Task[];      // the newest
  chosen?: Task;      // that the address names, however old
  missing: boolean;   // it names none
  inference: boolean; // it names a request
}

// The newest trainings, and the one that the address names among or before them.
async function read(id: string): Promise<Trainings> {
  const tasks = await get<Task[]>(`/tasks?kind=training&limit=${kListed}`);
  const listed = id === "" ? tasks[0] : tasks.find((task) => task.task_id === id);
  if (listed || id === "") return { tasks, chosen: listed, missing: false, inference: false };
  try {
    const named = await get<Task>(`/tasks/${encodeURIComponent(id)}`);
    const training = named.type === "training";
    return { tasks, chosen: training ? named : undefined, missing: !training, inference: !training };
  } catch (error) {
    if ((error as ApiError).status !== 404) throw error;
    return { tasks, missing: true, inference: false };
  }
}

export function Training({ argument }: PageProps) {
  const trainings = usePoll(() => read(argument), [argument], kEvery);
  return (
    <Loaded of={trainings} room={80}>
      {({ tasks, chosen, missing, inference }) => (
          <>
            {missing && (
              <NotFound what={`There is no training ${argument}.`}>
                {inference ? <>It is a request: <a href={`#/inspect/${argument}`}>inspect it</a>.</> : <>Those that there are stand below.</>}
              </NotFound>
            )}
            <div class="columns even">
              <Card title="Start a training" note="Learns from what was shown and picked; then the gate judges">
                <StartTraining done={trainings.again} />
              </Card>
              <Card title="Progress" note={chosen ? "Live from the worker" : undefined}>
                {missing ? <p class="note">No training is chosen.</p> : <LiveTraining key={chosen?.task_id} task={chosen} />}
              </Card>
            </div>
            {chosen?.state === "succeeded" && <Origin key={chosen.task_id} task={chosen.task_id} />}
            <Card title="Trainings">
              <TrainingList tasks={tasks} chosen={chosen?.task_id} />
            </Card>
          </>
      )}
    </Loaded>
  );
}
