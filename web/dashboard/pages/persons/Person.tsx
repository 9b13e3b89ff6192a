import { useState } from "preact/hooks";
import { ApiError, get, inPath } from "../../api/client";
import { domain, type Domain } from "../../api/domain";
import type { History, Person as Known, PersonRequest } from "../../api/types";
import { Card } from "../../parts/Card";
import { FileLink } from "../../parts/FileLink";
import { HistoryTable } from "../../parts/HistoryTable";
import { Loaded } from "../../parts/Loaded";
import { NotFound } from "../../parts/NotFound";
import { Stat } from "../../parts/Stat";
import { usePoll } from "../../state/usePoll";
import { ago, clock, count } from "../../text/format";
import { EraseDialog } from "./EraseDialog";
import { PersonRequests } from "./PersonRequests";
import { StoredFields } from "./StoredFields";

interface Looked {
  domain: Domain;
  known?: Known;  // none: nobody with this key
  histories: History[];
  requests: PersonRequest[];
}

const kEvery = 15_000;
const kRequests = 10;

async function read(path: string): Promise<Looked> {
  const of = await domain();
  try {
    const [known, histories, requests] = await Promise.all([
      get<Known>(path), get<History[]>(`${path}/histories`), get<PersonRequest[]>(`${path}/requests?limit=${kRequests}`),
    ]);
    return { domain: of, known, histories, requests };
  } catch (error) {
    if ((error as ApiError).status !== 404) throw error;
    return { domain: of, histories: [], requests: [] };
  }
}

function seen(at: string | null) {
  return at === null ? "never" : <time dateTime={at} title={clock(at)}>{ago(at)}</time>;
}

export function Person({ person }: { person: string }) {
  const path = `/persons/${inPath(person)}`;
  const looked = usePoll(() => read(path), [person], kEvery);
  const [erasing, setErasing] = useState(false);
  return (
    <Loaded of={looked} room={40}>
      {({ domain, known, histories, requests }) => (
        <>
          {known ? (
            <Card title="Known" note={<span class="id">{person}</span>}
              action={
                <div class="row">
                  <FileLink path={`${path}/export`} accept="application/x-ndjson" save="person.jsonl" class="button quiet">Export</FileLink>
                  <button type="button" class="quiet danger" onClick={() => setErasing(true)}>Erase</button>
                </div>
              }>
              <dl class="stats">
                <Stat name="Requests" value={count(known.requests)} />
                <Stat name="Events elsewhere" value={count(known.events)} note="told of no ranking" />
                <Stat name="First seen" value={seen(known.first_seen)} />
                <Stat name="Last seen" value={seen(known.last_seen)} />
              </dl>
            </Card>
          ) : (
            <NotFound what="Nothing is known of this person">No request and no event named this key, and nothing is stored under it. Keys are told apart to the letter.</NotFound>
          )}
          <StoredFields key={known?.changed ?? ""} path={path} schema={domain.person} known={known} done={looked.again} />
          {known && (
            <>
              <Card title="What happened before" note="What a ranking for this person would know if it began now">
                {histories.length > 0 ? <HistoryTable histories={histories} /> : (
                  <p class="note">The domain file has no <code>[[history]]</code> of the person who asks.</p>
                )}
              </Card>
              <Card title="Newest requests" note={known.requests > kRequests ? `The last ${kRequests} of ${count(known.requests)}` : undefined}>
                <PersonRequests requests={requests} />
              </Card>
            </>
          )}
          {erasing && known && <EraseDialog person={person} path={path} known={known} close={() => setErasing(false)} />}
        </>
      )}
    </Loaded>
  );
}
