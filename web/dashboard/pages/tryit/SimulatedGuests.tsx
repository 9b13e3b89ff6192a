import { useState } from "preact/hooks";
import { get, send } from "../../api/client";
import type { Guests } from "../../api/types";
import { Badge } from "../../parts/Badge";
import { Card } from "../../parts/Card";
import { Loaded } from "../../parts/Loaded";
import { usePoll } from "../../state/usePoll";
import { count, number, percent } from "../../text/format";

const kEvery = 3000;
const kPreset = "5";

function told(guests: Guests): string {
  if (guests.journeys === 0) return guests.running ? "the first are on their way" : "nobody has come yet";
  const failed = guests.failed > 0 ? `, ${count(guests.failed)} failed` : "";
  return `${count(guests.journeys)} journeys: ${percent(guests.picked / guests.journeys, 0)} picked, ${count(guests.none)} chose none${failed}`;
}

// The guests of demo mode: a rate, a start, a stop, and what they have done.
export function SimulatedGuests() {
  const guests = usePoll(() => get<Guests>("/simulate"), [], kEvery);
  const [typed, setTyped] = useState<string>();
  const running = guests.value?.running ? String(guests.value.rate) : kPreset;
  const rate = typed ?? running;
  const [fault, setFault] = useState("");
  async function ask(path: string, body?: object) {
    setFault("");
    try {
      await send("POST", path, body);
    } catch (error) {
      setFault((error as Error).message);
    }
    guests.again();
  }
  function start(event: Event) {
    event.preventDefault();
    void ask("/simulate/start", { rate: Number(rate) });
  }
  return (
    <Card title="Simulated guests" note="They ask, look at the best ten and pick by tastes of their own">
      <Loaded of={guests} room={4}>
        {(value) => value.available ? (
          <>
            <form class="guests" onSubmit={start}>
              <label>Journeys a second
                <input type="number" min="0.1" max="200" step="any" required value={rate} onInput={(event) => setTyped(event.currentTarget.value)} />
              </label>
              <button type="submit">{value.running ? "Change" : "Start"}</button>
              {value.running && <button type="button" class="quiet" onClick={() => ask("/simulate/stop")}>Stop</button>}
              <p class="told" role="status">
                <Badge tone={value.running ? "live" : "plain"}>{value.running ? `${number(value.rate)} a second` : "not coming"}</Badge>
                {told(value)}. {value.running && <a href="#/">Watch the loop</a>}
              </p>
            </form>
            {(fault || value.fault) && <p class="fault" role="alert">{fault || value.fault}</p>}
          </>
        ) : <p class="note">{value.reason}</p>}
      </Loaded>
    </Card>
  );
}
