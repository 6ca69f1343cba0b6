/**
 * Bugs in what evidence shows and in what a key's name stands for.
 * @module
 */
import type { Mutant } from "./mutants.ts";

const patch = (file: string, find: string, replace: string) => ({ file: `src/${file}`, find, replace });
const evidence = (test: string) => ({ file: "tests/negative/evidence_test.ts", test });
const preimage = { file: "tests/negative/preimage_test.ts", test: "readPreimage() wants every signature" };
const learn = (test: string) => ({ file: "tests/cluster/keys/keys_test.ts", test: `learn() ${test}` });
const commands = (test: string) => ({ file: "tests/negative/command_test.ts", test: `Commands are ${test}` });
const names = (test: string) => ({ file: "tests/negative/names_test.ts", test });

export const evidenceMutants: readonly Mutant[] = [
  {
    name: "a failure's own facts are not held against its evidence",
    patches: [patch("node/evidence.ts", 'if (!isAbout(failure, preimage)) return "not-proven";', "")],
    caughtBy: evidence("checkEvidence() does not prove what cheaters did under another name, id or session"),
  },
  {
    name: "evidence may hold messages of another session",
    patches: [patch("node/evidence.ts", "equal(statement.session, preimage.session) &&", "")],
    caughtBy: evidence("checkEvidence() takes no message of another session"),
  },
  {
    name: "the accuser says of which protocol a message is",
    patches: [
      patch("node/evidence.ts", "failure.kind === kind &&", ""),
      patch(
        "node/evidence.ts",
        "!firstRoundDecodes(culprit, known)",
        `!firstRoundDecodes(culprit, {
        ...known,
        preimage: {
          ...known.preimage,
          command: { ...known.preimage.command, kind: known.items === null ? "sign" : "generate" },
        },
      })`,
      ),
    ],
    caughtBy: evidence("checkEvidence() is not told by the accuser which protocol"),
  },
  {
    name: "the share of a child is held against its parent",
    patches: [
      patch("schemes/ed25519.ts", "childFrostKey(facts.key, path)", "childFrostKey(facts.key, [])"),
    ],
    caughtBy: evidence("checkEvidence() is not told by the accuser which protocol"),
  },
  {
    name: "any message is taken for the one that was to be signed",
    patches: [
      patch("node/evidence.ts", "return areItemsOf(command, items) ? items : null;", "return items;"),
    ],
    caughtBy: evidence("checkEvidence() does not know what lacks its preimage, its message"),
  },
  {
    name: "a key's certificate in evidence is not checked",
    patches: [patch("node/evidence.ts", "return await certified(verify, row) ? key : null;", "return key;")],
    caughtBy: evidence("checkEvidence() takes no key but the one that the command names"),
  },
  {
    name: "the accepts of a preimage are not checked",
    patches: [
      patch(
        "session/invite.ts",
        "const good = read.every((accept, i) => accept?.by === party[i] && equal(accept!.value.attempt, attempt));",
        "const good = read.every((accept) => accept !== null);",
      ),
    ],
    caughtBy: preimage,
  },
  {
    name: "anyone may have coordinated",
    patches: [patch("cluster/records/preimage.ts", "|| !command.value.coordinators.includes(invite.by)", "")],
    caughtBy: preimage,
  },
  {
    name: "evidence is given to whoever asks",
    patches: [patch("cluster/keys/sync/sync.ts", "if (!kept || !may) return [];", "if (!kept) return [];")],
    caughtBy: evidence("evidence() gives holders, observers and who asked"),
  },
  {
    name: "a certificate counts whoever asked for it",
    patches: [
      patch(
        "cluster/keys/learnt_keys.ts",
        "await isAskedFor(row, checks) && this.#hasRoomFor(row)",
        "checks !== null && this.#hasRoomFor(row)",
      ),
    ],
    caughtBy: names("keys() of a console with an empty store shows no key of two cheaters"),
  },
  {
    name: "any holder may have asked for a key",
    patches: [patch("cluster/keys/key_origin.ts", 'may(initiator, "manager")', 'may(initiator, "holder")')],
    caughtBy: learn("takes in no key that was not asked for like this"),
  },
  {
    name: "a key may have other members than were asked for",
    patches: [patch("cluster/keys/key_origin.ts", "command.members.join() === key.members.join()", "true")],
    caughtBy: learn("takes in no key that was not asked for like this"),
  },
  {
    name: "a key may have another threshold than was asked for",
    patches: [patch("cluster/keys/key_origin.ts", "command.threshold === key.threshold && ", "")],
    caughtBy: learn("takes in no key that was not asked for like this"),
  },
  {
    name: "a preimage counts for any session",
    patches: [patch("cluster/keys/key_origin.ts", "|| !equal(preimage.session, session)", "")],
    caughtBy: learn("takes in no key that was not asked for like this"),
  },
  {
    name: "a key's rights are those of the roster in force",
    patches: [
      patch(
        "node/assembly/records.ts",
        "const pastRoster = (hash: Uint8Array) => archive.find(hash);",
        "const pastRoster = () => Promise.resolve(rosterStore.current);",
      ),
    ],
    caughtBy: names(
      "keys() of a console with an empty store shows a key that was made under a roster long past",
    ),
  },
  {
    name: "a past roster is not asked for",
    patches: [
      patch(
        "cluster/keys/learnt_keys.ts",
        "await pastRoster(hash) ?? await askRoster(hash)",
        "await pastRoster(hash)",
      ),
    ],
    caughtBy: names(
      "keys() of a console with an empty store shows a key that was made under a roster long past",
    ),
  },
  {
    name: "a past roster is taken from whoever signed it",
    patches: [
      patch(
        "cluster/roster/roster_archive.ts",
        "&& await verifyRoster(this.#options.identity, roster)",
        "",
      ),
    ],
    caughtBy: {
      file: "tests/cluster/roster/roster_archive_test.ts",
      test: "RosterArchive takes what its admin key signed",
    },
  },
  {
    name: "of two keys with one name, the first is meant",
    patches: [patch("node/requests.ts", "if (chosen.length === 1) return", "if (chosen.length > 0) return")],
    caughtBy: names("sign() and readiness() want the id where two genuine keys"),
  },
  {
    name: "two commands with one id have one story",
    patches: [
      patch(
        "cluster/events/session_facts.ts",
        "const historyKey = commandKey(initiator, id);",
        "const historyKey = id.toHex();",
      ),
    ],
    caughtBy: { file: "tests/negative/command_test.ts", test: "Commands have each a story" },
  },
  {
    name: "an initiator's command ids are everybody's",
    patches: [
      patch("cluster/records/command.ts", '-initiator", initiator)', '-initiator", "")'),
      patch("cluster/records/command.ts", '-key", initiator, id)', '-key", "", id)'),
    ],
    caughtBy: commands("carried out whoever used their id before"),
  },
  {
    name: "an id gives whoever asks what came of it",
    patches: [
      patch("cluster/records/command.ts", '-initiator", initiator)', '-initiator", "")'),
      patch("cluster/records/command.ts", '-key", initiator, id)', '-key", "", id)'),
      patch(
        "cluster/commands/results.ts",
        "read && equal(read.content, contentOf(command)) ? read.result : null",
        "read!.result",
      ),
    ],
    caughtBy: commands("answered to who asked only"),
  },
  {
    name: "an id stands for its outcome, whatever else is asked with it",
    patches: [
      patch(
        "cluster/commands/results.ts",
        "read && equal(read.content, contentOf(command)) ? read.result : null",
        "read!.result",
      ),
    ],
    caughtBy: { file: "tests/cluster/commands/results_test.ts", test: "resultFor() gives what is kept" },
  },
  {
    name: "evidence is cut off where there is more than fits",
    patches: [
      patch(
        "session/shown.ts",
        "messages.length <= maxShownItems && bytes <= maxShown ? messages : null",
        "bytes <= maxShown ? messages.slice(0, maxShownItems) : null",
      ),
    ],
    caughtBy: { file: "tests/session/shown_test.ts", test: "allOrNone() gives all of what was shown" },
  },
  {
    name: "evidence holds no message that is longer than a frame",
    patches: [
      patch(
        "cluster/links/evidence_store.ts",
        "list(bytesUpTo(maxShown), maxShownItems)",
        "list(bytesUpTo(80 * 1024), maxShownItems)",
      ),
    ],
    caughtBy: {
      file: "tests/negative/many_values_test.ts",
      test: "sign() gives evidence of the longest malformed message, which anyone can check",
    },
  },
  {
    name: "evidence has no room for all shares of the largest batch",
    patches: [patch("limits.ts", "maxShown = 448 * 1024", "maxShown = 320 * 1024")],
    caughtBy: {
      file: "tests/cluster/links/evidence_store_test.ts",
      test: "evidence has room for what every signer of the largest batch has said, in bip340",
    },
  },
  {
    name: "evidence that is full of messages has no room for what they are about",
    patches: [patch("limits.ts", "maxEvidence = 512 * 1024", "maxEvidence = 448 * 1024")],
    caughtBy: {
      file: "tests/cluster/links/evidence_store_test.ts",
      test: "evidence is decoded and kept, whatever messages it may show",
    },
  },
  {
    name: "what keeps a new key from being taken in is not told to who asked for it",
    patches: [
      patch(
        "cluster/commands/initiator/member_results.ts",
        'this.fail(cause instanceof StoreError ? new SessionError("store-failed", { cause }) : cause)',
        "console.error(cause)",
      ),
    ],
    caughtBy: {
      file: "tests/negative/result_test.ts",
      test: "generateKey() of a console ends with store-failed",
    },
  },
  {
    name: "who decides is not told which key",
    patches: [
      patch(
        "cluster/commands/consent/approval.ts",
        "const keyId = value.keyId.toHex();",
        'const keyId = "";',
      ),
    ],
    caughtBy: {
      file: "tests/negative/ecdsa_request_test.ts",
      test: "sign() shows who approves the message and what makes its dig",
    },
  },
  {
    name: "a person who decides is not shown which key",
    patches: [{
      file: "web/holder/view/approve.tsx",
      find: "request.keyId.slice(0, idDigits)",
      replace: '""',
    }],
    caughtBy: {
      file: "tests/web/holder/approve_test.tsx",
      test: "ApproveDialog says who asks for what",
    },
  },
];
