import { useEffect, useState } from "preact/hooks";
import { Card } from "../../parts/Card";
import { go } from "../../state/route";
import type { PageProps } from "../props";
import { ErasureCard } from "./ErasureCard";
import { Person } from "./Person";

const kLongestKey = 128;

// A person's key leads to all that is known of the person. An erasure stands in the address by its task alone, so that
// nothing here keeps the key.
export function Persons({ argument, query }: PageProps) {
  const [typed, setTyped] = useState(argument);
  useEffect(() => setTyped(argument), [argument]);
  const erasure = query.get("erasure") ?? "";
  function look(event: Event) {
    event.preventDefault();
    go("persons", typed);
  }
  return (
    <>
      <form class="row search" role="search" onSubmit={look}>
        <label for="person-key">Key</label>
        <input id="person-key" value={typed} required maxLength={kLongestKey} spellcheck={false} autocomplete="off"
          placeholder="the user_key of your requests" onInput={(event) => setTyped(event.currentTarget.value)} />
        <button type="submit">Look</button>
      </form>
      {erasure !== "" && <ErasureCard key={erasure} task={erasure} />}
      {argument !== "" && <Person key={argument} person={argument} />}
      {argument === "" && erasure === "" && (
        <Card title="Whom do you look for?" note="A person is whoever a request or an event named by user_key, an id of your own">
          <p class="note">What is stored of a person, what happened before and what was asked last stands here; all of it can be
            taken out as a file, and erased. People are not listed: who knows no key finds nobody.</p>
        </Card>
      )}
    </>
  );
}
