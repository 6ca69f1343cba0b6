/**
 * `roster`: signs who belongs to a cluster with its admin key.
 * @module
 */
import { defineCommand } from "citty";
import * as v from "valibot";
import { InputError } from "../errors.ts";
import type { Identity } from "../ports.ts";
import {
  formatRoster,
  parseRoster,
  rights,
  type Roster,
  type RosterPeer,
  signRoster,
  verifyRoster,
} from "../cluster/roster/roster.ts";
import { peerVerifier } from "../identity/peer_key.ts";
import { openKeyFile, passphraseFrom } from "./identity.ts";
import { isThere, readJson, readText, replaceFile } from "./files.ts";
import { print, tell } from "./print.ts";
import { badAddresses, checkReach } from "./reach.ts";

const peersShape = v.array(v.strictObject({
  name: v.string(),
  peer: v.string(),
  addresses: v.array(v.string()),
  rights: v.array(v.picklist(rights)),
}));

/** The roster in a file, or null if there is no such file. @throws {InputError} */
async function earlier(path: string): Promise<Roster | null> {
  return await isThere(path) ? parseRoster(await readText("out", path)) : null;
}

/** Signs the version that follows `previous`, and writes it down. @throws {InputError} */
async function signNext(
  admin: Identity,
  peers: readonly RosterPeer[],
  { previous, out }: { previous: Roster | null; out: string },
): Promise<void> {
  if (previous && previous.cluster !== admin.peer) {
    throw new InputError("admin", `expected the key of cluster ${previous.cluster}, found ${admin.peer}`);
  }
  checkReach(peers);
  for (const { name, address, why } of badAddresses(peers)) {
    tell(`warning: nobody can dial ${address} of ${name}: ${why}`);
  }
  const roster = await signRoster(admin, peers, previous);
  await replaceFile("out", out, formatRoster(roster));
  print(`version ${roster.version}: ${peers.map(({ name }) => name).join(", ")}`);
}

const sign = defineCommand({
  meta: { name: "sign", description: "Sign the next version of a roster" },
  args: {
    admin: { type: "string", required: true, description: "the cluster's admin key file" },
    passphrase: { type: "string", description: "a file with the passphrase that locks it" },
    peers: { type: "string", required: true, description: "JSON: [{ name, peer, addresses, rights }]" },
    out: {
      type: "string",
      required: true,
      description: "the roster file; an earlier version in it is followed",
    },
  },
  async run({ args }) {
    const admin = await openKeyFile(args.admin, await passphraseFrom(args.passphrase));
    const peers = await readJson("peers", args.peers, peersShape);
    await signNext(admin, peers, { previous: await earlier(args.out), out: args.out });
  },
});

const remove = defineCommand({
  meta: { name: "remove", description: "Sign the next version of a roster, without one of its peers" },
  args: {
    who: { type: "positional", required: true, description: "its name or its peer id" },
    admin: { type: "string", required: true, description: "the cluster's admin key file" },
    passphrase: { type: "string", description: "a file with the passphrase that locks it" },
    out: { type: "string", required: true, description: "the roster file, which is followed" },
  },
  async run({ args }) {
    const admin = await openKeyFile(args.admin, await passphraseFrom(args.passphrase));
    const previous = parseRoster(await readText("out", args.out));
    const rest = previous.peers.filter(({ peer, name }) => peer !== args.who && name !== args.who);
    if (rest.length === previous.peers.length) {
      throw new InputError("who", `expected a peer of the roster, found “${args.who}”`);
    }
    await signNext(admin, rest, { previous, out: args.out });
  },
});

const show = defineCommand({
  meta: { name: "show", description: "Check a roster's signature and print who is in it" },
  args: { file: { type: "positional", required: true, description: "the roster file" } },
  async run({ args }) {
    const roster = parseRoster(await readText("roster", args.file));
    if (!await verifyRoster({ verify: peerVerifier() }, roster)) {
      throw new InputError(
        "roster.signature",
        "expected the cluster's admin key to have signed it, found another signature",
      );
    }
    print(`cluster ${roster.cluster}, version ${roster.version}`);
    for (const { name, peer, rights } of roster.peers) print(name, peer, rights.join(" "));
  },
});

export const rosterCommand = defineCommand({
  meta: { name: "roster", description: "Who belongs to a cluster" },
  subCommands: { sign, remove, show },
});
