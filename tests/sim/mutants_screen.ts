/**
 * Seeded bugs in what a page says: of locks, accusations, and who did not answer.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({ file, find, replace });

export const screenMutants: readonly Mutant[] = [
  {
    name: "screen: any peer's lock is taken for this tab's",
    patches: [
      patch(
        "web/holder/holding.ts",
        " && event.peer === node.self) this.#change({ locked",
        ") this.#change({ locked",
      ),
    ],
    caughtBy: { file: "tests/web/holder/lock_test.ts", test: "shows the lock of its own tab" },
  },
  {
    name: "screen: whoever sits at a locked tab unfreezes its keys",
    patches: [patch("web/view/session/refusing.tsx", ' && standing(state.self, state) !== "locked"', "")],
    caughtBy: { file: "tests/web/view/refusing_test.tsx", test: "Page of a locked tab does not let" },
  },
  {
    name: "screen: the command for one side of a fork names both",
    patches: [
      patch("web/view/reshare/change.tsx", "...(!isOnly && { session })", "...(isOnly && { session })"),
    ],
    caughtBy: {
      file: "tests/web/view/reshare_test.tsx",
      test: "ReshareForm names the session of a forked key",
    },
  },
  {
    name: "screen: a locked holder is shown as ready",
    patches: [patch("web/state/presence.ts", 'status?.locked ? "locked" : "ready"', '"ready" as Standing')],
    caughtBy: { file: "tests/web/state/presence_test.ts", test: "whose shares are locked" },
  },
  {
    name: "screen: accuser and accused say the same",
    patches: [
      patch(
        "web/state/trust.ts",
        "isSameSet(firstHand(a.claims).map(claimText), firstHand(b.claims).map(claimText))",
        "true",
      ),
    ],
    caughtBy: { file: "tests/web/state/summary_test.ts", test: "keeps an accuser and the accused apart" },
  },
  {
    name: "screen: the news that somebody ended it weighs as much as why",
    patches: [
      patch(
        "web/state/trust.ts",
        "firstHand(failure.claims).length > 0 ? Trust.hearsay : Trust.news",
        "Trust.hearsay",
      ),
    ],
    caughtBy: { file: "tests/web/text/card_test.ts", test: "of a false accusation name accuser and accused" },
  },
  {
    name: "screen: an accuser's own end is one more witness",
    patches: [patch("web/state/summary.ts", "isEcho(other, failure) || ", "")],
    caughtBy: { file: "tests/web/state/summary_test.ts", test: "keeps an accuser and the accused apart" },
  },
  {
    name: "screen: a bare word is a reason to sign without whoever is said to have said it",
    patches: [patch("web/state/advice.ts", ".filter(({ peers }) => peers.length === 0)", "")],
    caughtBy: { file: "tests/web/text/card_test.ts", test: "of a false accusation name accuser and accused" },
  },
  {
    name: "screen: a key is ready although no quorum may sign",
    patches: [patch("web/view/keys.tsx", 'key.state === "active" && !canSign(key, state)', "false")],
    caughtBy: { file: "tests/web/view/page_test.tsx", test: "calls no key ready" },
  },
  {
    name: "screen: a coordinator's own person who did not answer is left out",
    patches: [patch("web/state/members.ts", ' || failure.code === "unanswered")', ")")],
    caughtBy: { file: "tests/web/text/card_test.ts", test: "names the coordinator's person too" },
  },
  {
    name: "screen: a rule in force is not in sight",
    patches: [patch("web/holder/approvals.ts", "return [...rules.values()];", "return [];")],
    caughtBy: { file: "tests/web/holder/approvals_test.ts", test: "is for one peer and one key" },
  },
  {
    name: "screen: the end of a long text is approved in passing",
    patches: [patch("web/holder/shown.ts", "return length <= longest\n", "return length >= 0\n")],
    caughtBy: { file: "tests/web/holder/shown_test.ts", test: "never shows a part as if it were the whole" },
  },
  {
    name: "screen: names that look alike are not told apart",
    patches: [
      patch(
        "web/text/names.ts",
        "facesOf(name).every((face) => times.get(face) === 1)",
        "times.get(facesOf(name)[0]) === 1",
      ),
    ],
    caughtBy: { file: "tests/web/text/names_test.ts", test: "whose names look alike" },
  },
  {
    name: "screen: the command line takes a passphrase that is easily guessed",
    patches: [
      patch(
        "src/cli/secrets.ts",
        'if (weak !== null) throw new InputError("passphrase", weak);',
        "",
      ),
    ],
    caughtBy: { file: "tests/cli/identity_test.ts", test: "of a locked one that it takes a while" },
  },
  {
    name: "screen: a locked holder counts as ready",
    patches: [
      patch(
        "src/cluster/commands/party.ts",
        "!lacking.has(peer) && !locked(peer) &&",
        "!lacking.has(peer) &&",
      ),
    ],
    caughtBy: { file: "tests/negative/lock_test.ts", test: "is seen by the others" },
  },
  {
    name: "screen: a second key is offered under a name that has one",
    patches: [patch("web/state/advice.ts", "if (key !== null && hasSameName(key, session)) return [];", "")],
    caughtBy: { cells: ["garbage @ vote", "equivocate @ vote"] },
  },
  {
    name: "screen: a key that was made all the same is told as not made",
    patches: [patch("web/state/primary.ts", "made(key) && key.state", "false && key.state")],
    caughtBy: { cells: ["garbage @ vote", "equivocate @ vote"] },
  },
  {
    name: "screen: whoever passes on an accusation is a reason to sign without it",
    patches: [
      patch(
        "web/state/advice.ts",
        "? reportingThemselves(failure.claims)",
        "? failure.claims.map(({ by }) => by)",
      ),
    ],
    caughtBy: { cells: ["slander @ sign share", "wrong-round @ sign extend", "contradict @ sign extend"] },
  },
  {
    name: "screen: the wait that was told first is told, and not the earliest",
    patches: [patch("web/state/summary.ts", "return place(one) < place(other);", "return false;")],
    caughtBy: { cells: ["silence @ sign extend", "silence @ key reveal"] },
  },
  {
    name: "screen: signed messages that nobody has looked at are taken for a proof",
    patches: [
      patch(
        "web/state/trust.ts",
        "failure.evidence === undefined ? Trust.none : Trust.unchecked",
        "failure.evidence === undefined ? Trust.none : Trust.found",
      ),
    ],
    caughtBy: { cells: ["drop @ sign share", "drop @ key reveal"] },
  },
  {
    name: "screen: a key without whoever is accused is offered on one peer's word",
    patches: [
      patch("web/state/advice.ts", "if (isUnproven(summary) || culprits.length", "if (culprits.length"),
    ],
    caughtBy: { cells: ["drop @ key reveal", "drop @ key confirm"] },
  },
  {
    name: "two commands of one id are one session on the page",
    patches: [
      patch(
        "web/state/sessions.ts",
        "return commandKey(initiator, Uint8Array",
        'return commandKey("", Uint8Array',
      ),
    ],
    caughtBy: {
      file: "tests/web/state/sessions_test.ts",
      test: "reduce() keeps two commands of one id apart",
    },
  },
  {
    name: "a finished round takes what is told of another command of the same id",
    patches: [
      patch(
        "src/cluster/links/gossip.ts",
        "=> `${initiator} ${id} ${round}`;",
        "=> `${initiator && id} ${round}`;",
      ),
    ],
    caughtBy: {
      file: "tests/cluster/events/fold_test.ts",
      test: "fold() leaves out what a finished round says",
    },
  },
  {
    name: "screen: whoever tells most bans hides those of the others",
    patches: [patch("web/state/forbidden_pairs.ts", "bans.filter((one) => one.by === by)", "bans")],
    caughtBy: { file: "tests/web/state/forbidden_pairs_test.ts", test: "takes no room from another" },
  },
  {
    name: "screen: a quarantine of one key is shown at another of its name",
    patches: [
      patch("web/state/forbidden_pairs.ts", ": ban.keyId === keyId(key);", ": hasSameName(key, ban);"),
    ],
    caughtBy: {
      file: "tests/web/state/forbidden_pairs_test.ts",
      test: "tells two keys of one name apart by the key's id",
    },
  },
  {
    name: "a signature for a Taproot output is said to verify under the key",
    patches: [
      patch("web/view/session/signed.tsx", 'item && "merkleRoot" in item && item.merkleRoot ?', "false ?"),
    ],
    caughtBy: { file: "tests/web/view/done_test.tsx", test: "Done names the Taproot output" },
  },
  {
    name: "screen: not all items of a batch are shown to the person who approves it",
    patches: [
      patch(
        "web/holder/view/approve_items.tsx",
        "{items.map((item, i) => (",
        "{items.slice(0, 40).map((item, i) => (",
      ),
    ],
    caughtBy: { file: "tests/web/holder/approve_test.tsx", test: "ApproveDialog shows all of 256 items" },
  },
  {
    name: "screen: a fact of one item of a batch is said of all",
    patches: [
      patch(
        "web/holder/shown.ts",
        "items.every((item) => has(item, fact))",
        "items.some((item) => has(item, fact))",
      ),
    ],
    caughtBy: { file: "tests/web/holder/shown_test.ts", test: "shownBatch() says once what all items" },
  },
  {
    name: "screen: bytes in a batch pass for what can be read",
    patches: [
      patch(
        "web/holder/shown.ts",
        'if (message.length > 0 && plainText(message) === null) return "unreadable";',
        "",
      ),
    ],
    caughtBy: {
      file: "tests/web/holder/shown_test.ts",
      test: "readingOf() a batch is plain while it is short",
    },
  },
  {
    name: "screen: one good signature of a batch stands for all",
    patches: [
      patch(
        "web/node/verify.ts",
        'if (found === "wrong") wrong.push(i);',
        'if (found === "wrong" && i < 1) wrong.push(i);',
      ),
    ],
    caughtBy: { file: "tests/web/node/verify_test.ts", test: "verifyAll() has one verdict" },
  },
  {
    name: "screen: a missing signature of a batch is not missed",
    patches: [
      patch(
        "web/node/verify.ts",
        "wrong.length > 0 || signatures.length !== items.length",
        "wrong.length > 0",
      ),
    ],
    caughtBy: { file: "tests/web/node/verify_test.ts", test: "verifyAll() has one verdict" },
  },
  {
    name: "screen: evidence about a batch is checked without its items",
    patches: [patch("web/node/actions.ts", "session.request?.items ?? null", "null")],
    caughtBy: {
      file: "tests/web/node/actions_test.ts",
      test: "createActions() checks evidence against the items",
    },
  },
];
