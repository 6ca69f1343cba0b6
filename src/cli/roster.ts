/**
 * `roster`: signs who belongs to a cluster with its admin key.
 * @module
 */
import { rename } from "node:fs/promises";
import { defineCommand } from "citty";
import * as v from "valibot";
import { InputError } from "../failure.ts";
import {
  formatRoster,
  parseRoster,
  rights,
  type Roster,
  signRoster,
  verifyRoster,
} from "../cluster/roster.ts";
import { keyFile } from "../identity/key_file.ts";
import { peerVerifier } from "../identity/peer_key.ts";
import { passphraseFrom } from "./identity.ts";
import { readJson, readText } from "./files.ts";

const peersShape = v.array(v.strictObject({
  name: v.string(),
  peer: v.string(),
  addresses: v.array(v.string()),
  rights: v.array(v.picklist(rights)),
}));

/** The roster in a file, or null if there is no such file. @throws {InputError} */
async function earlier(path: string): Promise<Roster | null> {
  try {
    await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  return parseRoster(await readText("out", path));
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
    const admin = await keyFile(args.admin, await passphraseFrom(args.passphrase));
    const peers = await readJson("peers", args.peers, peersShape);
    const previous = await earlier(args.out);
    if (previous && previous.cluster !== admin.peer) {
      throw new InputError("admin", `expected the key of cluster ${previous.cluster}, found ${admin.peer}`);
    }
    const roster = await signRoster(admin, peers, previous);
    await Deno.writeTextFile(`${args.out}.new`, formatRoster(roster));
    await rename(`${args.out}.new`, args.out);
    console.log(`version ${roster.version}: ${peers.map(({ name }) => name).join(", ")}`);
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
    console.log(`cluster ${roster.cluster}, version ${roster.version}`);
    for (const { name, peer, rights } of roster.peers) console.log(`${name}\t${peer}\t${rights.join(" ")}`);
  },
});

export const rosterCommand = defineCommand({
  meta: { name: "roster", description: "Who belongs to a cluster" },
  subCommands: { sign, show },
});
