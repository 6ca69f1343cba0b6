/**
 * Bugs in what a dealing may be, in whether all its peers see the same one, and in what its party may announce.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const table = (find: string, replace: string) => [patch("protocol/dealing.ts", find, replace)];
const caught = (file: string) => (test: string) => ({ file: `tests/protocol/${file}_test.ts`, test });
const agreement = caught("reshare_agreement"),
  input = caught("deal_input"),
  dealing = caught("dealing");

export const dealingMutants: readonly Mutant[] = [
  {
    name: "peers that see different resharings go on",
    patches: [patch(
      "protocol/deal.ts",
      "!equal(promises.get(peer)!.dealing!, dealingHash)",
      "promises.get(peer)!.dealing!.length !== dealingHash.length",
    )],
    caughtBy: agreement("nobody reveals in a resharing that one peer sees otherwise"),
  },
  {
    name: "who lies about a resharing is not named",
    patches: [patch(
      "protocol/deal.ts",
      '? new SessionError("invalid-confirmation", { culprits })',
      '? new SessionError("session-mismatch")',
    )],
    caughtBy: agreement("a first round that lies about the resharing stops it, and who has signed"),
  },
  {
    name: "a new peer blames whoever was shown another key",
    patches: [patch(
      "protocol/deal.ts",
      "constantTerm.of.members.includes(self)",
      "constantTerm.of.members.length > 0",
    )],
    caughtBy: agreement("peers that cheating members of epoch e have shown two keys do not blame"),
  },
  {
    name: "recipients may be seen in another order",
    patches: [patch("protocol/deal_messages.ts", "    ...recipients,\n", "    ...recipients.toSorted(),\n")],
    caughtBy: agreement("nobody reveals in a resharing that one peer sees otherwise"),
  },
  {
    name: "a generation deals live shares",
    patches: table('act !== (constantTerm.is === "random" ? "generate" : "reshare")', "!constantTerm.is"),
    caughtBy: input("drawKey() refuses what is in no row of the table"),
  },
  {
    name: "a resharing has any chain code",
    patches: table(
      "chainCode?.length === 32 && equal(chainCode, of.chainCode)",
      "chainCode !== of.publicKey",
    ),
    caughtBy: input("drawKey() refuses what is in no row of the table"),
  },
  {
    name: "a generation has any dealers",
    patches: table('act === "generate" && !samePeers(', 'act !== "generate" && !samePeers('),
    caughtBy: input("drawKey() refuses what is in no row of the table"),
  },
  {
    name: "a party need not have all dealers and recipients",
    patches: table("!samePeers(dealing.party, partyOf(dealing))", "dealing.party.length === 0"),
    caughtBy: input("drawKey() refuses what is in no row of the table"),
  },
  {
    name: "a dealing runs over the net of another party",
    patches: [patch("protocol/deal.ts", "net.self !== self || !samePeers(net.party, dealing.party)", "!net")],
    caughtBy: input("drawKey() deals over no net of another party"),
  },
  {
    name: "a stranger is number 0",
    patches: table("if (index < 0) throw", "if (index < -1) throw"),
    caughtBy: dealing("recipientIdentifier() counts the new members"),
  },
  {
    name: "an abort has no room for the peers of a resharing",
    patches: [patch("session/control.ts", "peers: list(peerId, maxSessionParty)", "peers: list(peerId, 16)")],
    caughtBy: { file: "tests/session/control_test.ts", test: "encodeAbort() has room for 31 missing peers" },
  },
  {
    name: "an abort that is too long is sent as it is",
    patches: [patch("session/control.ts", "items.slice(0, maxSessionParty)", "items.slice()")],
    caughtBy: { file: "tests/session/control_test.ts", test: "encodeAbort() leaves out what does not fit" },
  },
  {
    name: "f(0) is a share",
    patches: [patch("crypto/feldman.ts", "if (x < 1n)", "if (x < 0n)")],
    caughtBy: { file: "tests/crypto/feldman_test.ts", test: "share() refuses identifiers below 1" },
  },
  {
    name: "a BIP-340 key with an odd y is dealt anew",
    patches: [patch("schemes/bip340_secret.ts", "!hasEvenY(constantTerm.of.publicKey)", "!constantTerm.of")],
    caughtBy: input("bip340's drawKey() deals no key with an odd y anew"),
  },
];
