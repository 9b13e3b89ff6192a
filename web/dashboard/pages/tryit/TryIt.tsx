import { useState } from "preact/hooks";
import { domain } from "../../api/domain";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import { Answer } from "./Answer";
import { AskForm } from "./AskForm";
import { SimulatedGuests } from "./SimulatedGuests";

export function TryIt() {
  const known = usePoll(domain, []);
  const [task, setTask] = useState<string>();
  return (
    <Loaded of={known}>
      {(value) => (
        <div class="columns try">
          <AskForm domain={value} asked={setTask} />
          <div>
            <Answer key={task} domain={value} task={task} />
            <SimulatedGuests />
          </div>
        </div>
      )}
    </Loaded>
  );
}
