/**
 * Bugs in what evidence shows and in what a key's name stands for.
 * @module
 */
import type { Mutant } from "./mutants.ts";

const patch = (file: string, find: string, replace: string) => ({ file: `src/${file}`, find, replace });
const evidence = (test: string) => ({ file: "tests/negative/evidence_test.ts", test });
const preimage = { file: "tests/negative/preimage_test.ts", test: "readPreimage() wants every signature" };

export const evidenceMutants: readonly Mutant[] = [
  {
    name: "a failure's own facts are not held against its evidence",
    patches: [patch("evidence.ts", 'if (!isAbout(failure, preimage)) return "not-proven";', "")],
    caughtBy: evidence("checkEvidence() does not prove what cheaters did under another name, id or session"),
  },
  {
    name: "evidence may hold messages of another session",
    patches: [patch("evidence.ts", "equal(statement.session, preimage.session) &&", "")],
    caughtBy: evidence("checkEvidence() never proves anything by what the honest signed, whatever else"),
  },
  {
    name: "the accuser says of which protocol a message is",
    patches: [
      patch("evidence.ts", "failure.kind === kind &&", ""),
      patch(
        "evidence.ts",
        "return verdict(await saidNonsense(said, known));",
        `return verdict(await saidNonsense(said, {
        ...known,
        preimage: {
          ...known.preimage,
          command: { ...known.preimage.command, kind: known.message === null ? "generate" : "sign" },
        },
      }));`,
      ),
    ],
    caughtBy: evidence("checkEvidence() never proves anything by what the honest signed"),
  },
  {
    name: "the share of a child is held against its parent",
    patches: [patch("evidence.ts", "childOf(key, path);", "childOf(key, path.slice(0, 0));")],
    caughtBy: evidence("checkEvidence() is not told by the accuser which protocol"),
  },
  {
    name: "any message is taken for the one that was to be signed",
    patches: [patch("evidence.ts", 'if (!equal(sha256(message), messageHash)) return "unknown";', "")],
    caughtBy: evidence("checkEvidence() does not know what lacks its preimage, its message"),
  },
  {
    name: "a key's certificate in evidence is not checked",
    patches: [patch("evidence.ts", "return await certified(verify, row) ? key : null;", "return key;")],
    caughtBy: evidence("checkEvidence() takes no key but the one that the command names"),
  },
  {
    name: "the accepts of a preimage are not checked",
    patches: [
      patch(
        "cluster/preimage.ts",
        "if (!accepts.every((one, i) => one?.by === party[i] && equal(one!.value.attempt, attempt))) return null;",
        "",
      ),
    ],
    caughtBy: preimage,
  },
  {
    name: "anyone may have coordinated",
    patches: [patch("cluster/preimage.ts", "|| command.value.coordinator !== invite.by", "")],
    caughtBy: preimage,
  },
  {
    name: "evidence is given to whoever asks",
    patches: [patch("cluster/sync.ts", "if (!kept || !may) return [];", "if (!kept) return [];")],
    caughtBy: evidence("evidence() gives holders, observers and who asked"),
  },
];
