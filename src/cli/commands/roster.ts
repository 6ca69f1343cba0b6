/**
 * `roster`: signs the roster of a cluster with its admin key.
 * @module
 */
import { isCertified } from "../../keystore/key_rows.ts";
import * as v from "valibot";
import { InputError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import type { Identity } from "../../ports.ts";
import {
  formatRoster,
  parseRoster,
  type Roster,
  type RosterPeer,
  signRoster,
  verifyRoster,
} from "../../cluster/roster/roster.ts";
import { rights } from "../../cluster/records/rights.ts";
import { peerVerifier } from "../../identity/peer_key.ts";
import { defineCommand, json } from "../arguments/command.ts";
import { openKeyFile } from "./identity.ts";
import { passphraseFrom, secretPlace } from "../secrets.ts";
import { isThere, readJson, readText, replaceFile } from "../files.ts";
import { latest, storedKeys } from "../key_list.ts";
import { leaverLines } from "../leavers.ts";
import { print, printJson, printNote } from "../print.ts";
import { badAddresses, checkReach } from "../reach.ts";
import { sharedKeys } from "../reshare_command.ts";
import { withStore } from "../store.ts";

const peersShape = v.array(v.strictObject({
  name: v.string(),
  peer: v.string(),
  addresses: v.array(v.string()),
  rights: v.array(v.picklist(rights)),
}));

/** Prints a roster without its signature. */
const showJson = ({ cluster, version, peers }: Roster): void => printJson({ cluster, version, peers });

/** The roster in a file, or null if there is no such file. @throws {InputError} */
async function earlier(path: string): Promise<Roster | null> {
  return await isThere(path) ? parseRoster(await readText("out", path)) : null;
}

/** Signs the version that follows `previous`, and writes it to `out`. @throws {InputError} */
async function signNext(
  admin: Identity,
  peers: readonly RosterPeer[],
  { previous, out, json }: { previous: Roster | null; out: string; json: boolean },
): Promise<void> {
  if (previous && previous.cluster !== admin.peer) {
    throw new InputError("admin", `expected the key of cluster ${previous.cluster}, found ${admin.peer}`);
  }
  checkReach(peers);
  for (const { name, address, why } of badAddresses(peers)) {
    printNote(`warning: nobody can dial ${address} of ${name}: ${why}`);
  }
  const roster = await signRoster(admin, peers, previous);
  await replaceFile("out", out, formatRoster(roster));
  if (json) return showJson(roster);
  print(`version ${roster.version}: ${peers.map(({ name }) => name).join(", ")}`);
}

const sign = defineCommand({
  meta: {
    name: "sign",
    description: "Sign the next version of a roster",
    examples: ["roster sign --admin admin.age --peers peers.json --out roster.json"],
  },
  args: {
    admin: { type: "string", required: true, description: "the cluster's admin key file" },
    passphrase: { type: "string", description: `the passphrase that locks it: ${secretPlace}` },
    peers: { type: "string", required: true, description: "JSON: [{ name, peer, addresses, rights }]" },
    out: {
      type: "string",
      required: true,
      description: "the roster file; the new version follows the one in it",
    },
    json,
  },
  async run({ args }) {
    const admin = await openKeyFile(args.admin, await passphraseFrom(args.passphrase));
    const peers = await readJson("peers", args.peers, peersShape);
    await signNext(admin, peers, { previous: await earlier(args.out), out: args.out, json: args.json });
  },
});

const whichKeys =
  "`quorate keys list node.json` at a holder prints the keys that it is a member of, and how to deal them anew.";

/** The lines about the keys in a store that a peer is a member of, once it has left the roster. */
async function linesAbout(
  { peer, name }: RosterPeer,
  roster: Pick<Roster, "peers">,
  config: string,
): Promise<string[]> {
  return await withStore(config, async ({ rows, nameOf }) => {
    const certain = latest(await storedKeys(rows)).filter(isCertified);
    const keys = sharedKeys(
      certain.flatMap(({ key, session }) => key ? [{ ...key, session: session.toHex() }] : []),
    );
    const about = { roster, config, nameOf: (id: PeerId) => id === peer ? name : nameOf(id) ?? id };
    return keys.filter(({ members }) => members.includes(peer)).flatMap((
      key,
    ) => [...leaverLines(key, about)]);
  });
}

const remove = defineCommand({
  meta: {
    name: "remove",
    description: "Sign the next version of a roster, without one of its peers",
    examples: ["roster remove Bob --admin admin.age --out roster.json --config alice/node.json"],
  },
  args: {
    who: { type: "positional", required: true, description: "its name or its peer id" },
    admin: { type: "string", required: true, description: "the cluster's admin key file" },
    passphrase: { type: "string", description: `the passphrase that locks it: ${secretPlace}` },
    out: {
      type: "string",
      required: true,
      description: "the roster file; the new version follows the one in it",
    },
    config: {
      type: "string",
      description:
        "node.json of a holder: prints the keys that the peer is a member of, and how to deal them anew",
    },
    json,
  },
  async run({ args }) {
    const admin = await openKeyFile(args.admin, await passphraseFrom(args.passphrase));
    const previous = parseRoster(await readText("out", args.out));
    const leaver = previous.peers.find(({ peer, name }) => peer === args.who || name === args.who);
    if (!leaver) throw new InputError("who", `expected a peer of the roster, found “${args.who}”`);
    const rest = previous.peers.filter(({ peer, name }) => peer !== args.who && name !== args.who);
    const lines = args.config === undefined ? [] : await linesAbout(leaver, { peers: rest }, args.config);
    await signNext(admin, rest, { previous, out: args.out, json: args.json });
    if (!leaver.rights.includes("holder")) return;
    const say = args.json ? printNote : print; // standard output is one value in JSON
    for (const line of lines) say(line);
    if (args.config === undefined) printNote(`${leaver.name} keeps its shares. ${whichKeys}`);
    else if (lines.length === 0) say(`no key of ${args.config} has ${leaver.name} as a member`);
  },
});

const show = defineCommand({
  meta: {
    name: "show",
    description: "Check a roster's signature and print its peers",
    examples: ["roster show roster.json"],
  },
  args: { file: { type: "positional", required: true, description: "the roster file" }, json },
  async run({ args }) {
    const roster = parseRoster(await readText("roster", args.file));
    if (!await verifyRoster({ verify: peerVerifier() }, roster)) {
      throw new InputError(
        "roster.signature",
        "expected the cluster's admin key to have signed it, found another signature",
      );
    }
    if (args.json) return showJson(roster);
    print(`cluster ${roster.cluster}, version ${roster.version}`);
    for (const { name, peer, rights } of roster.peers) print(name, peer, rights.join(" "));
  },
});

export const rosterCommand = defineCommand({
  meta: {
    name: "roster",
    description: "The peers of a cluster",
    examples: [
      "roster sign --admin admin.age --peers peers.json --out roster.json",
      "roster show roster.json",
    ],
  },
  subCommands: { sign, remove, show },
});
