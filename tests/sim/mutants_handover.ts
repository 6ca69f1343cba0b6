/**
 * Bugs in how a hand-over ends: in who is named for it, and in what stays of the bans, quarantines and freezes of an
 * epoch.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const caught = (file: string) => (test: string) => ({ file: `tests/${file}_test.ts`, test });
const apart = caught("negative/reshare_apart");
const stays = apart("reshare() that fails leaves ban, quarantine and freeze");
const ends = apart("reshare() ends ban, quarantine and freeze as its epoch becomes active");
const failed = (also: string) => [patch(
  "cluster/commands/session_runner.ts",
  "  async #countFailed({ keyId }: Command): Promise<void> {\n",
  `  async #countFailed({ keyId }: Command): Promise<void> {\n    ${also}\n`,
)];
const cancelled = caught("negative/reshare_cancel");
const bound = caught("negative/reshare_commit");

export const handoverMutants: readonly Mutant[] = [
  {
    name: "two different words of one peer are not compared",
    patches: [patch(
      "session/words/signed_words.ts",
      "if (earlier && !equal(earlier.body, envelope.body)) {",
      "if (earlier && earlier.body.length !== envelope.body.length) {",
    )],
    caughtBy: bound("reshare() names who releases the epoch twice"),
  },
  {
    name: "a failed resharing ends the bans of its key",
    patches: failed(
      "const { rows } = this.#options.context;\n" +
        "    for (const name of await rows.names(`ban/${keyId.toHex()}/`)) await rows.erase(name);",
    ),
    caughtBy: stays,
  },
  {
    name: "a failed resharing ends the quarantines of its key",
    patches: failed(
      "const { frozen } = this.#options;\n" +
        "    for (const peer of frozen.quarantined(keyId.toHex())) await frozen.unfreeze(keyId.toHex(), peer);",
    ),
    caughtBy: stays,
  },
  {
    name: "a failed resharing thaws its key",
    patches: failed(
      "if (this.#options.frozen.has(keyId.toHex())) await this.#options.frozen.unfreeze(keyId.toHex());",
    ),
    caughtBy: stays,
  },
  {
    name: "bans are carried into the next epoch",
    patches: [patch(
      "cluster/keys/bans.ts",
      "return this.#own.has(nameOf(keyId, other));",
      "return keyId.length > 0 && [...this.#own.values()].some((row) => row.other === other);",
    )],
    caughtBy: ends,
  },
  {
    name: "quarantines are carried into the next epoch",
    patches: [patch(
      "cluster/keys/frozen.ts",
      "return this.#known.get(placeOf(keyId, other))?.frozen ?? false;",
      'return [...this.#known].some(([place, row]) => row.frozen && place.split("/")[1] === other &&\n' +
        "      (other !== undefined || place === keyId));",
    )],
    caughtBy: ends,
  },
  {
    name: "the bans of the epoch before are not shown",
    patches: [patch("cluster/keys/keys.ts", "banned: this.#options.bannedFor(id) };", "banned: [] };")],
    caughtBy: ends,
  },
  {
    name: "a resharing goes on after it was cancelled",
    patches: [patch(
      "session/peer_aborts.ts",
      '    end(new SessionError("cancelled", { evidence: [encoded] }));\n',
      '    if (encoded.length === 0) end(new SessionError("cancelled"));\n',
    )],
    caughtBy: cancelled("reshare() that dave cancels before the release"),
  },
  {
    name: "a resharing that was cancelled counts as one in which somebody cheated",
    patches: [patch(
      "cluster/commands/session_runner.ts",
      'command.kind === "reshare" && outcome.culprits.length > 0',
      'command.kind === "reshare" && outcome.culprits.length >= 0',
    )],
    caughtBy: cancelled("reshare() that alice cancels before the release"),
  },
  {
    name: "an epoch is retired before all have voted for the next one",
    patches: [patch(
      "cluster/keys/keys.ts",
      "      if (isCertified(row)) this.#follows(row);\n",
      "      if (row.key !== null) this.#follows(row);\n",
    )],
    caughtBy: caught("negative/reshare_votes")("votes to one peer only, and both die"),
  },
  {
    name: "a resharing begins without the new members",
    patches: [patch(
      "cluster/commands/party.ts",
      "complete(resharingParty(row.key!, { recipients, gone }), up)",
      "complete(resharingParty(row.key!, { recipients, gone }), (peer) => up(peer) || recipients.includes(peer))",
    )],
    caughtBy: caught("negative/reshare_absent")("reshare() without a new member ends"),
  },
  {
    name: "a certificate that others show retires nothing",
    patches: [patch(
      "cluster/keys/keys.ts",
      "    this.#follows(row);\n    return true;",
      "    return true;",
    )],
    caughtBy: caught("negative/reshare_restored")("A backup of an epoch that its peer has left"),
  },
  {
    name: "a key on one curve keeps its wallet busy on the other",
    patches: [
      patch(
        "cluster/keys/name_reservations.ts",
        "=> `${scheme} ${wallet}`;",
        '=> `${scheme && "any"} ${wallet}`;',
      ),
    ],
    caughtBy: caught("negative/reshare")("reshare() of the keys of one wallet on two curves at once"),
  },
  {
    name: "who has released an epoch, and casts no vote, says that nothing was changed",
    patches: [patch(
      "keystore/commit_key.ts",
      "  if (!facts.key!.members.includes(identity.peer)) ballot.pending();\n",
      "",
    )],
    caughtBy: cancelled("reshare() that alice cancels at a vote ends with one epoch everywhere"),
  },
];
