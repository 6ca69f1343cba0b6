/**
 * Bugs that the tests must find: in quarantines, refusals, the lock on a store, and what a person approves.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({ file, find, replace });
const claim = { file: "tests/store/sqlite_claim_test.ts", test: "claim() keeps a second user out" };
const inUse = {
  file: "tests/cli/main_test.ts",
  test: "quorate run and restore refuse the store of a node that runs",
};
const views = { file: "tests/web/holder/approve_test.tsx", test: "ApproveDialog: what cannot be read" };
const approvals = (test: string) => ({
  file: "tests/web/holder/approvals_test.ts",
  test: `approvals() take no yes ${test}`,
});
const shown = (test: string) => ({ file: "tests/web/holder/shown_test.ts", test });
const quarantine = {
  file: "tests/sim/directed_ecdsa_test.ts",
  test: "a pair whose last step fails three times is quarantined",
};

export const pairsMutants: readonly Mutant[] = [
  {
    name: "pairs without a share outlive a crash in a resharing",
    patches: [patch(
      "src/cluster/keys/own_rows.ts",
      "(keyId) => own.withShare(keyId) !== undefined ||",
      "(keyId) => true ||",
    )],
    caughtBy: {
      file: "tests/negative/reshare_crash_test.ts",
      test: "reshare() loses no ecdsa key when dave dies, crash-after",
    },
  },
  {
    name: "who is named in the last step takes the key from all",
    patches: [patch(
      "src/cluster/commands/session/failed_checks.ts",
      "for (const named of culprits.length > 0 ? culprits : [null]) {",
      "for (const named of culprits.length > 9 ? culprits : [null]) {",
    )],
    caughtBy: quarantine,
  },
  {
    name: "a coordinator proposes a pair that it has quarantined",
    patches: [patch(
      "src/cluster/commands/party.ts",
      "const own = [...banned, ...frozen.quarantined(key).map((other) => [self, other] as const)];",
      "const own = [...banned];",
    )],
    caughtBy: quarantine,
  },
  {
    name: "a member does not decline a pair that it has quarantined",
    patches: [patch(
      "src/cluster/commands/invited/kind_checks.ts",
      'if (quarantined.length > 0) throw new Apart("pair-quarantined", quarantined);',
      "void quarantined;",
    )],
    caughtBy: quarantine,
  },
  {
    name: "failures of all sets of signers count together",
    patches: [patch(
      "src/cluster/keys/frozen.ts",
      "const alike = failures.filter(([, signers]) => signers.join() === others.join()).length;",
      "const alike = failures.length;",
    )],
    caughtBy: {
      file: "tests/cluster/keys/damaged_rows_test.ts",
      test: "Frozen counts failures of one set of signers",
    },
  },
  {
    name: "a coordinator says in its own voice what another claims of a pair",
    patches: [patch(
      "src/cluster/commands/coordinator/exclusions.ts",
      "function noParty({ peers, pairs }: Exclusions, { kind }: Command): SessionError {",
      "function noParty({ peers, pairs }: Exclusions, { kind }: Command): SessionError {\n" +
        "  if (pairs.length > 0) return new SessionError(pairs[0]!.code);",
    )],
    caughtBy: {
      file: "tests/sim/directed_ecdsa_test.ts",
      test: "a pair that is banned is not used again",
    },
  },
  {
    name: "a claim on a store keeps nobody out",
    patches: [patch("src/store/sqlite_claim.ts", 'db.exec("BEGIN EXCLUSIVE");', 'db.exec("BEGIN");')],
    caughtBy: claim,
  },
  {
    name: "a node runs on a store that another uses",
    patches: [patch("src/node/assembly/records.ts", "await store.claim?.();", "")],
    caughtBy: inUse,
  },
  {
    name: "a backup is restored into the store of a node that runs",
    patches: [patch("src/node/restore.ts", "await store.claim?.();", "")],
    caughtBy: inUse,
  },
  {
    name: "a key is thawed in the store of a node that runs",
    patches: [patch("src/cli/store.ts", "if (alone) await records.claim?.();", "void alone;")],
    caughtBy: { file: "tests/cli/keys_test.ts", test: "quorate keys says in one sentence what is wrong" },
  },
  {
    name: "the hash of what is signed is not shown",
    patches: [
      patch("web/holder/shown.ts", 'const text = digestOf("sha256", message).toHex();', 'const text = "";'),
    ],
    caughtBy: shown("shownRequest() shows the SHA-256 of all that is signed"),
  },
  {
    name: "a part of a message passes for one that can be read",
    patches: [patch(
      "web/holder/shown.ts",
      'return bytes <= longest && messages.length <= mostItems ? "plain" : "long";',
      'return "plain";',
    )],
    caughtBy: shown("isReadable() is a whole text"),
  },
  {
    name: "what cannot be read is approved without an act of its own",
    patches: [patch(
      "web/holder/approvals.ts",
      "if (!checked && !isReadable(ask.request)) return;",
      "void checked;",
    )],
    caughtBy: approvals("to what cannot be read"),
  },
  {
    name: "a rule for what can be read approves what cannot",
    patches: [patch(
      "web/holder/approvals.ts",
      "JSON.stringify([kind, initiator, scheme, wallet, isReadable(request)])",
      "JSON.stringify([kind, initiator, scheme, wallet])",
    )],
    caughtBy: approvals("to what cannot be read"),
  },
  {
    name: "a request is approved by the press that its dialog opened under",
    patches: [patch(
      "web/holder/approvals.ts",
      "if (shown?.id !== id || now() - shown.since < deadMs) return;",
      "",
    )],
    caughtBy: approvals("in the first second"),
  },
  {
    name: "the first button approves what cannot be read",
    patches: [patch(
      "web/holder/view/approve.tsx",
      'class={readable ? "plain" : "primary"}',
      'class="plain"',
    )],
    caughtBy: views,
  },
  {
    name: "buttons that approve are live when the dialog opens",
    patches: [patch(
      "web/holder/view/approve.tsx",
      "const [live, setLive] = useState(false);",
      "const [live, setLive] = useState(true);",
    )],
    caughtBy: views,
  },
  {
    name: "a disk that is full when a session opens is silence to the others",
    patches: [patch(
      "src/cluster/commands/session/session_plan.ts",
      "if (!(error instanceof SessionError) || wasCarriedOut(error)) throw error;",
      "if (error instanceof Error) throw error;",
    )],
    caughtBy: {
      file: "tests/negative/full_disk_test.ts",
      test: "A member whose disk is full when a session opens",
    },
  },
  {
    name: "why a member does not confirm a key is not said",
    patches: [patch(
      "src/session/session.ts",
      'claims: code === "wallet-pending" ? [...this.#aborts.claims] : error.claims,',
      "claims: error.claims,",
    )],
    caughtBy: {
      file: "tests/negative/full_disk_test.ts",
      test: "A member that cannot write its share says so",
    },
  },
  {
    name: "the page does not hear that its store has gone back",
    patches: [patch(
      "web/holder/holding.ts",
      'if (event.type === "rollback") this.#change({ rolledBack: node.rolledBack });',
      "",
    )],
    caughtBy: {
      file: "tests/web/holder/rolled_back_test.tsx",
      test: "A holder's page says that its store has gone back",
    },
  },
  {
    name: "the page's word for its store reaches no node",
    patches: [
      patch("web/holder/holding.ts", "() => this.#node.confirmRestored()", "() => Promise.resolve()"),
    ],
    caughtBy: {
      file: "tests/web/holder/rolled_back_test.tsx",
      test: "holding().confirmRestored() confirms",
    },
  },
  {
    name: "a member that keeps away from strangers is asked for ever",
    patches: [patch(
      "src/cluster/commands/coordinator/exclusions.ts",
      "if (claim && partsPair({ ...claim, peers: named })) pairs.push(claim);",
      "if (claim && partsPair(claim)) pairs.push(claim);",
    )],
    caughtBy: {
      file: "tests/negative/apart_test.ts",
      test: "sign() does not ask for ever a member that declines",
    },
  },
  {
    name: "whoever has no link to another is not asked again",
    patches: [
      patch(
        "src/failure.ts",
        '"pair-quarantined", "link-lost", "restored"];',
        '"pair-quarantined", "restored"];',
      ),
    ],
    caughtBy: {
      file: "tests/negative/apart_test.ts",
      test: "sign() finds the party without one who has a link to the coordinator alone",
    },
  },
  {
    name: "whoever knows of another that its store went back is not asked again",
    patches: [
      patch(
        "src/failure.ts",
        '"pair-quarantined", "link-lost", "restored"];',
        '"pair-quarantined", "link-lost"];',
      ),
    ],
    caughtBy: {
      file: "tests/negative/apart_test.ts",
      test: "sign() finds the party without one whose store",
    },
  },
];
