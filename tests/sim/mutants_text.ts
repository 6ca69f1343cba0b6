/**
 * Seeded bugs in rights, names, addresses, rosters, and in what is read from files and mails.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const rights = (test: string) => ({ file: "tests/negative/rights_test.ts", test });

export const textMutants: readonly Mutant[] = [
  {
    name: "an initiator makes keys",
    patches: [
      patch(
        "cluster/records/rights.ts",
        'generate: "manager"',
        'generate: "initiator"',
      ),
    ],
    caughtBy: rights("Rights are apart"),
  },
  {
    name: "an invitation gives all rights",
    patches: [
      patch(
        "cluster/roster/admission/invites.ts",
        `rights = ["holder"],`,
        `rights = ["holder", "initiator", "manager"],`,
      ),
    ],
    caughtBy: rights("invite() gives the right to hold shares"),
  },
  {
    name: "a node takes whatever an object of options has",
    patches: [patch("node/create.ts", "const options = onlyOptions(given);", "const options = given;")],
    caughtBy: { file: "tests/node/node_options_test.ts", test: "createNode() drops what is no option" },
  },
  {
    name: "passphrases are hashed as they were typed",
    patches: [
      patch(
        "text/passphrase.ts",
        'return typed.replace(/\\p{Zs}/gu, " ").normalize("NFKC");',
        "return typed;",
      ),
    ],
    caughtBy: { file: "tests/text/passphrase_test.ts", test: "opens with every" },
  },
  {
    name: "a byte order mark is taken for a part of the file",
    patches: [patch("text/byte_order_mark.ts", "text.slice(1)", "text")],
    caughtBy: { file: "tests/text/byte_order_mark_test.ts", test: "withoutMark() takes one" },
  },
  {
    name: "a key file in the open may be read by everybody",
    patches: [patch("identity/key_file.ts", "|| (!locked && !mounted)", "")],
    caughtBy: {
      file: "tests/identity/key_file_test.ts",
      test: "refuses a file that others can read or write",
    },
  },
  {
    name: "a mounted secret is refused",
    patches: [patch("identity/key_file.ts", "(mode & 0o777) === 0o440", "false")],
    caughtBy: { file: "tests/identity/key_file_test.ts", test: "reads a mounted secret" },
  },
  {
    name: "a node listens for TLS without a certificate",
    patches: [patch("transport/websocket.deno.ts", "if (secure === undefined) return;", "return;")],
    caughtBy: {
      file: "tests/transport/websocket_test.ts",
      test: "says in one sentence why it cannot listen",
    },
  },
  {
    name: "soft line ends stay in an invitation",
    patches: [
      patch(
        "cluster/roster/admission/invitation_link.ts",
        '.replace(/=\\r?\\n/g, "") // a soft',
        "// a soft",
      ),
    ],
    caughtBy: { file: "tests/cluster/commands/invitation_test.ts", test: "through mail: soft line ends" },
  },
  {
    name: "a wallet may be called anything",
    patches: [
      patch("cluster/records/key_name.ts", 'if (wrong !== null) throw new InputError("wallet", wrong);', ""),
    ],
    caughtBy: { file: "tests/negative/wallet_name_test.ts", test: "refuses a name that is none" },
  },
  {
    name: "rows and certificates have wallets of any name",
    patches: [patch("keystore/public_key_record.ts", "wallet: walletName,", "wallet: v.string(),")],
    caughtBy: { file: "tests/negative/wallet_name_test.ts", test: "A key record with a name that is none" },
  },
  {
    name: "a wallet is made beside one whose name looks the same",
    patches: [
      patch(
        "cluster/keys/name_reservations.ts",
        'if (this.lookAlike(name) !== undefined) throw new SessionError("wallet-exists");',
        "",
      ),
    ],
    caughtBy: { file: "tests/negative/wallet_name_test.ts", test: "A wallet is not made under a name" },
  },
  {
    name: "a roster has peers whose names look the same",
    patches: [patch("cluster/roster/roster.ts", "  checkAlike(peers);\n", "")],
    caughtBy: { file: "tests/negative/wallet_name_test.ts", test: "signRoster() refuses two peers" },
  },
  {
    name: "the command line prints what moves the cursor",
    patches: [patch("cli/print.ts", 'cells.map(visible).join("\\t")', 'cells.join("\\t")')],
    caughtBy: { file: "tests/text/visible_test.ts", test: "print(), printJson() and printNote()" },
  },
  {
    name: "a roster that cannot be written is not in force",
    patches: [
      patch(
        "cluster/roster/roster_store.ts",
        "    await this.#keep(roster);\n    this.#current = roster;",
        "    if (!await this.#keepElsewhere(roster).then(() => true, () => false)) return false;\n    await this.#keep(roster);\n    this.#current = roster;",
      ),
    ],
    caughtBy: { file: "tests/negative/roster_file_test.ts", test: "A roster that cannot be written" },
  },
  {
    name: "an older file counts more than the store's newer roster",
    patches: [
      patch("cluster/roster/roster_store.ts", "newer ? kept : given, keepElsewhere", "given, keepElsewhere"),
    ],
    caughtBy: { file: "tests/negative/roster_file_test.ts", test: "A roster that cannot be written" },
  },
  {
    name: "one bad address keeps a peer's good ones from being dialled",
    patches: [
      patch("transport/libp2p/network.ts", "undialable(address, peer) === null", "address.length > 0"),
    ],
    caughtBy: { file: "tests/transport/websocket_test.ts", test: "reaches a peer at its good address" },
  },
  {
    name: "nobody is told that somebody else answers at a peer's address",
    patches: [
      patch(
        "cluster/links/dialler.ts",
        '...found === null ? { state: "refused" } : { state: "another", found },',
        'state: "refused",',
      ),
    ],
    caughtBy: { file: "tests/cluster/links/dialler_test.ts", test: "Dialler tells of a peer that refuses" },
  },
  {
    name: "a transport does not say who answered in a peer's place",
    patches: [patch("transport/libp2p/dial_failure.ts", "if (found !== undefined) return found;", "")],
    caughtBy: { file: "tests/transport/websocket_test.ts", test: "connect() fails as refused or left" },
  },
  {
    name: "an address is signed for two peers",
    patches: [patch("cli/reach.ts", "seen.set(address, name);", "")],
    caughtBy: { file: "tests/cli/reach_test.ts", test: "checkReach() refuses" },
  },
  {
    name: "one address begins as many connections a second as it likes",
    patches: [
      patch(
        "transport/libp2p/libp2p.ts",
        "inboundConnectionThreshold: 100,",
        "inboundConnectionThreshold: 1_000,",
      ),
    ],
    caughtBy: { file: "tests/transport/websocket_test.ts", test: "64 connections of one address" },
  },
  {
    name: "other pages may frame the demonstration's",
    patches: [
      patch("demo/page_server.ts", '      "content-security-policy": "frame-ancestors \'none\'",\n', ""),
    ],
    caughtBy: { file: "tests/site/page_server_test.ts", test: "servePage() says of each page" },
  },
  {
    name: "nobody is told that a new key file is not locked",
    patches: [
      patch("cli/commands/identity.ts", "if (locked.passphrase === undefined) {", 'if (args.file === "") {'),
    ],
    caughtBy: { file: "tests/cli/identity_test.ts", test: "quorate identity create says" },
  },
  {
    name: "a store that was never set back is confirmed",
    patches: [
      patch(
        "cli/commands/restored.ts",
        'if (mark === null || mark.state === "settled") {',
        "if (rows === null) {",
      ),
    ],
    caughtBy: { file: "tests/cli/restored_test.ts", test: "quorate restored says what a store is" },
  },
  {
    name: "to look at a store that was restored settles it",
    patches: [
      patch(
        "cli/commands/restored.ts",
        "if (args.confirm) return",
        "if (args.confirm || await stateInStore(args.config) !== null) return",
      ),
    ],
    caughtBy: { file: "tests/cli/restored_test.ts", test: "quorate restored says what a store is" },
  },
  {
    name: "the store of a node that runs is confirmed",
    patches: [patch("cli/commands/restored.ts", "{ alone: true }", "{ alone: false }")],
    caughtBy: { file: "tests/cli/restored_test.ts", test: "whose mark is damaged" },
  },
  {
    name: "cli: the terminal shows the word that lets a stranger in",
    patches: [patch("cli/terminal/admit.ts", "words.slice(0, 3).join", "words.join")],
    caughtBy: { file: "tests/cli/join_test.ts", test: "a yes is never taken for another's" },
  },
  {
    name: "cli: a word that is shown lets a stranger in",
    patches: [patch("cli/terminal/admit.ts", "word === words[3] ||", "words.includes(word) ||")],
    caughtBy: { file: "tests/cli/join_test.ts", test: "a yes is never taken for another's" },
  },
  {
    name: "cli: the log shows the words beside the question",
    patches: [patch("cli/commands/run.ts", 'showsWords: how === "always"', "showsWords: true")],
    caughtBy: { file: "tests/cli/join_test.ts", test: "quorate join waits for Alice's word" },
  },
  {
    name: "cli: the log of a node without a terminal shows the word that lets a stranger in",
    patches: [patch("cli/commands/run.ts", 'showsWords: how === "always"', 'showsWords: how !== "ask"')],
    caughtBy: {
      file: "tests/cli/join_test.ts",
      test: "quorate admit lets a peer in at a node without a terminal",
    },
  },
  {
    name: "cli: restore is silent about a store that stays set back",
    patches: [patch("cli/commands/restore.ts", "if (staysRolledBack)", "if (!staysRolledBack)")],
    caughtBy: { file: "tests/cli/backup_test.ts", test: "quorate restore says of a store that was set back" },
  },
];
