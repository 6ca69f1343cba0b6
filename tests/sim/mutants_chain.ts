/**
 * Bugs in the chain of certificates that leads from each epoch of a key back to the command that made it.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const origin = (find: string, replace: string) => [patch("cluster/keys/key_origin.ts", find, replace)];
const peers = (find: string, replace: string) => [patch("protocol/dealing.ts", find, replace)];
const caughtBy = {
  file: "tests/cluster/keys/key_origin_test.ts",
  test: "isAskedFor() takes no epoch in which one thing does not follow",
};

export const chainMutants: readonly Mutant[] = [
  {
    name: "an epoch follows one that was voted otherwise",
    patches: origin(" || !equal(parent.vote, voteBody(before))", ""),
    caughtBy,
  },
  {
    name: "an epoch follows another one than its command names",
    patches: origin("parent === null || !equal(parent.session, command.keyId)", "parent === null"),
    caughtBy,
  },
  {
    name: "an epoch has a chain code of its own",
    patches: origin(" && equal(key.chainCode, old.chainCode)", ""),
    caughtBy,
  },
  {
    name: "an epoch is left out",
    patches: origin("key.epoch === old.epoch + 1 &&", "key.epoch > old.epoch &&"),
    caughtBy,
  },
  {
    name: "a command may name another epoch",
    patches: origin("command.epoch === old.epoch &&", ""),
    caughtBy,
  },
  {
    name: "a command to sign is one for a resharing",
    patches: origin('command.kind !== "reshare" || parent === null', "parent === null"),
    caughtBy,
  },
  {
    name: "an epoch brings releases of others too",
    patches: origin("releases.length !== dealers.length", "releases.length < dealers.length"),
    caughtBy,
  },
  {
    name: "nobody has signed the releases of an epoch",
    patches: origin("return signed.every(Boolean);", "return signed.length > 0;"),
    caughtBy,
  },
  {
    name: "the verifying shares of an epoch are of any key",
    patches: origin(" || !schemes[key.scheme].isOneSharing(key)", ""),
    caughtBy,
  },
  {
    name: "a first epoch has a parent",
    patches: origin("key!.epoch === 1 && parent === null &&", "key!.epoch === 1 &&"),
    caughtBy,
  },
  {
    name: "a first epoch is any",
    patches: origin("key!.epoch === 1 && parent === null &&", "parent === null &&"),
    caughtBy,
  },
  {
    name: "a dealer counts twice",
    patches: peers("new Set(dealers).size === dealers.length && dealers.length", "dealers.length"),
    caughtBy,
  },
  {
    name: "more than the threshold have dealt",
    patches: peers("dealers.length === key.threshold &&", "dealers.length >= key.threshold &&"),
    caughtBy,
  },
  {
    name: "a stranger has dealt",
    patches: peers(
      "key.members.includes(peer) && !gone.includes(peer));\n  const areGone",
      "!gone.includes(peer));\n  const areGone",
    ),
    caughtBy,
  },
  {
    name: "a stranger may be called gone",
    patches: peers(
      "gone.every((peer) => key.members.includes(peer) && !recipients.includes(peer))",
      "gone.every((peer) => !recipients.includes(peer))",
    ),
    caughtBy,
  },
  {
    name: "a witness need not take part",
    patches: peers(
      "return areDealers && areGone && samePeers(resharingParty(key, { recipients, gone }), party);",
      "return areDealers && areGone && party.length > 0;",
    ),
    caughtBy,
  },
];
