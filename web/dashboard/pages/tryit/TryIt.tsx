import { useState } from "preact/hooks";
import { AskHint } from "../../parts/AskHint";
import { Card } from "../../parts/Card";
import { Empty } from "../../parts/Empty";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import { Answer } from "./Answer";
import { AskForm } from "./AskForm";
import { SimulatedGuests } from "./SimulatedGuests";
import { readStart } from "./readStart";

export function TryIt() {
  const start = usePoll(readStart, []);
  const [task, setTask] = useState<string>();
  return (
    <Loaded of={start} room={60}>
      {(value) => (
        <>
          {value.items === 0 && <Card title="Before the first request"><Empty title="The catalog is empty"><AskHint system={value.system} items={0} /></Empty></Card>}
          <div class="columns try">
            <AskForm start={value} asked={setTask} />
            <div>
              <Answer key={task} domain={value.domain} task={task} />
              <SimulatedGuests />
            </div>
          </div>
        </>
      )}
    </Loaded>
  );
}
