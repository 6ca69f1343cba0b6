/**
 * Before there is a node: what this page is, who is kept here, and the way in.
 * @module
 */
import { useId, useState } from "preact/hooks";
import type { Keeping } from "../../../src/browser.ts";
import { parseInvitation } from "../../../src/cluster/roster/join.ts";
import { clean } from "../../text/clean.ts";
import { About } from "../../view/about.tsx";
import { Header } from "../../view/header.tsx";
import { shortPeer } from "../../text/names.ts";
import type { Door, DoorState } from "../door.ts";
import { type Linked, readLink, type Wish } from "../fragment.ts";
import type { Problem } from "../problem.ts";
import type { Measure } from "../strength.ts";
import { Field, FileField, KeepingForm, Wrong } from "./fields.tsx";
import { Unlock } from "./unlock.tsx";
import { Words } from "./words.tsx";

/** What a person can do here. */
export type DoorActs =
  & Pick<Door, "choose" | "enrol" | "giveUp" | "startOver" | "unlock" | "restore" | "wantRestore">
  & { follow(link: Linked): void; measure: Measure };

export function DoorPage({ state, acts }: { state: DoorState; acts: DoorActs }) {
  return (
    <>
      <Header state={null} />
      <main>
        <section class="panel join" aria-labelledby="door-title">
          <Step state={state} acts={acts} />
        </section>
      </main>
      <footer>
        <About />
      </footer>
    </>
  );
}

function Title({ children }: { children: string }) {
  return <h2 id="door-title" class="statement" tabIndex={-1}>{children}</h2>;
}

function Step({ state, acts }: { state: DoorState; acts: DoorActs }) {
  switch (state.at) {
    case "looking":
    case "in":
      return <Title>Looking at what this browser keeps…</Title>;
    case "welcome":
      return <Welcome problem={state.problem} acts={acts} />;
    case "choose":
      return (
        <>
          <Title>Which of them?</Title>
          <ul class="choices">
            {state.kept.map(({ cluster, name }) => (
              <li key={cluster}>
                <button type="button" class="plain" onClick={() => void acts.choose(cluster)}>
                  {clean(name, 64)}, in cluster {shortPeer(cluster)}
                </button>
              </li>
            ))}
          </ul>
        </>
      );
    case "enrol":
      return (
        <>
          <Title>Hold a share in this tab</Title>
          <p>
            This browser makes a key of its own and becomes one of the holders. Whoever keeps the cluster's
            roster will be asked to let you in.
          </p>
          <KeepingForm
            says={["Ask to be let in", "Making a key…"]}
            name={state.name}
            measure={acts.measure}
            busy={state.busy}
            problem={state.problem}
            onKeep={(how) => void acts.enrol(how)}
          />
          <RestoreInstead acts={acts} />
        </>
      );
    case "asking":
      return <Asking words={state.words} acts={acts} />;
    case "unlock":
      return (
        <>
          <Title>Unlock this tab</Title>
          <Unlock
            kept={state.kept}
            busy={state.busy}
            problem={state.problem}
            onUnlock={(opener) => void acts.unlock(opener)}
          />
          {state.stranger && <StartOver acts={acts} />}
          <RestoreInstead acts={acts} />
        </>
      );
    case "elsewhere":
      return <Elsewhere state={state} />;
    case "restore":
      return <Restore state={state} acts={acts} />;
    default:
      return state satisfies never;
  }
}

function Welcome({ problem, acts }: { problem: Problem | null; acts: DoorActs }) {
  const [pasted, setPasted] = useState("");
  const [chosen, setChosen] = useState<Wish | null>(null);
  const [own, setOwn] = useState<Problem | null>(null);
  const group = useId();
  const link = readLink(pasted);
  const wish = chosen ?? link?.wish ?? "hold";
  const submit = (event: Event) => {
    event.preventDefault();
    if (link && isInvitation(link)) acts.follow({ ...link, wish });
    else setOwn({ field: "invitation", text: "That is not an invitation: copy the whole link." });
  };
  const kinds = { hold: "Hold a share in this tab", watch: "Watch only" } as const;
  return (
    <>
      <Title>This tab can be a peer.</Title>
      <p>
        Quorate signs with keys that nobody ever has as a whole: each peer holds a share. With an invitation
        this browser can hold one, or watch those who do. Nothing is kept here yet.
      </p>
      <form onSubmit={submit}>
        <Field label="Invitation" value={pasted} onValue={setPasted} wrong={own !== null} />
        <fieldset class="field">
          <legend>What for</legend>
          {(["hold", "watch"] as const).map((one) => (
            <label key={one} class="tick">
              <input type="radio" name={group} checked={wish === one} onChange={() => setChosen(one)} />
              {kinds[one]}
            </label>
          ))}
        </fieldset>
        <Wrong problem={own ?? problem} />
        <div class="buttons">
          <button type="submit" class="primary">Go on</button>
        </div>
      </form>
      <RestoreInstead acts={acts} />
    </>
  );
}

function isInvitation({ invitation }: Linked): boolean {
  try {
    parseInvitation(invitation);
    return true;
  } catch {
    return false; // whatever else it is
  }
}

/** Nobody has let this identity in, so nothing is lost with it. */
function StartOver({ acts }: { acts: DoorActs }) {
  return (
    <>
      <p class="hint">
        This browser was not let in yet. Unlocking it asks again, with the invitation that this page was
        opened with.
      </p>
      <button type="button" class="quiet" onClick={() => void acts.startOver()}>
        Start over with another name and lock
      </button>
    </>
  );
}

function RestoreInstead({ acts }: { acts: DoorActs }) {
  return (
    <button type="button" class="quiet" onClick={() => void acts.wantRestore(true)}>
      Restore from a backup…
    </button>
  );
}

function Asking({ words, acts }: { words: (DoorState & { at: "asking" })["words"]; acts: DoorActs }) {
  return (
    <>
      <Title>{words ? "Ask whoever invited you to let you in" : "Showing the invitation…"}</Title>
      <div role="status" class="panel">
        {words
          ? (
            <>
              <p>
                Read these four words to that person, on the telephone or face to face. Both of you must see
                the same four. If they differ, somebody is between you: cancel, and ask for another
                invitation.
              </p>
              <Words words={words} />
            </>
          )
          : <p>Connecting to whoever invited you.</p>}
      </div>
      <progress aria-label="Waiting to be let in" />
      <div class="buttons">
        <button type="button" class="quiet" onClick={acts.giveUp}>Cancel</button>
      </div>
    </>
  );
}

function Elsewhere({ state: { kept } }: { state: DoorState & { at: "elsewhere" } }) {
  return (
    <>
      <Title>Another tab is this peer</Title>
      <p role="status">
        {kept ? `“${clean(kept.name, 64)}” is` : "It is"}{" "}
        open in another tab of this browser. One peer runs once, so this tab does nothing. It takes over when
        the other is closed.
      </p>
    </>
  );
}

function Restore({ state, acts }: { state: DoorState & { at: "restore" }; acts: DoorActs }) {
  const [file, setFile] = useState<File | null>(null);
  const [opens, setOpens] = useState("");
  const [own, setOwn] = useState<Problem | null>(null);
  const keep = async (how: Keeping) => {
    if (file === null) return setOwn({ field: "backup", text: "Choose the backup's file." });
    setOwn(null);
    await acts.restore({ ...how, opens, file: new Uint8Array(await file.arrayBuffer()) });
  };
  return (
    <>
      <Title>Restore from a backup</Title>
      <p>
        This browser becomes the peer that the backup is of, with the shares that are in it. Use it where that
        peer is gone, not beside it.
      </p>
      <KeepingForm
        says={["Restore", "Restoring…"]}
        busy={state.busy}
        problem={own ?? state.problem}
        measure={acts.measure}
        onKeep={(how) => void keep(how)}
      >
        <FileField label="The backup" onFile={setFile} />
        <Field
          label="Passphrase of the backup"
          type="password"
          autocomplete="current-password"
          value={opens}
          onValue={setOpens}
          wrong={state.problem?.field === "passphrase"}
        />
      </KeepingForm>
      <button type="button" class="quiet" onClick={() => void acts.wantRestore(false)}>Back</button>
    </>
  );
}
