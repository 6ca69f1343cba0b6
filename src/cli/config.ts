/**
 * The configuration of a node that the command line runs: `node.json`. Its paths are relative to its own folder.
 * @module
 */
import { dirname, resolve } from "node:path";
import * as v from "valibot";
import { readJson } from "./files.ts";
import { isVariable } from "./secrets.ts";

/** The longest time that a webhook may have for its answer, ms. */
const longestWebhookMs = 300_000;

const text = (description: string) => v.pipe(v.string(), v.description(description));
const path = (description: string) => text(`${description}; relative to this file`);
const secret = (description: string) =>
  text(`${description}: a file, relative to this one, or env:NAME for an environment variable`);
const texts = (description: string) => v.pipe(v.array(v.string()), v.description(description));
const peersByWallet = (description: string) =>
  v.pipe(v.record(v.string(), v.array(v.string())), v.description(description));

/** A program that is asked over HTTP before a share is used. */
const webhookShape = v.strictObject({
  url: text("where requests are posted: https, or http on this machine"),
  secret: secret("the secret that signs requests, whsec_… of 24 to 64 bytes"),
  timeoutMs: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(100),
      v.maxValue(longestWebhookMs),
      v.description("the time for an answer, ms"),
    ),
    10_000,
  ),
});
/** The configuration of a webhook. */
export type WebhookConfig = v.InferOutput<typeof webhookShape>;

const rulesShape = v.strictObject({
  initiators: peersByWallet("the peers that may ask for signatures, by the wallet's name"),
  managers: v.exactOptional(
    peersByWallet("the peers that may have a wallet's keys dealt anew; without an entry nobody may"),
  ),
});

/** The shape of `node.json`. */
export const configShape = v.strictObject({
  $schema: v.exactOptional(text("the schema of this file, for editors")),
  identity: path("the peer's key file"),
  roster: path("the signed list of peers; a newer one in the store counts more"),
  store: path("the SQLite file of shares and records; made at the first start"),
  listen: texts("multiaddrs to listen on"),
  announce: v.optional(texts("multiaddrs to announce instead of those listened on"), []),
  approve: v.optional(v.pipe(
    v.union([
      v.pipe(v.literal("roster"), v.description("yes to whatever the roster allows")),
      v.pipe(
        v.literal("ask"),
        v.description("a person is asked, at the terminal or over the control socket"),
      ),
      v.pipe(rulesShape, v.description("yes to these peers, no to all others")),
      v.pipe(v.strictObject({ webhook: webhookShape }), v.description("a program is asked over HTTP")),
    ]),
    v.description(
      "who decides before a share of this node is used for others; needed where it may hold shares",
    ),
  )),
  passphrase: v.optional(secret("the passphrase that locks the key file")),
  admin: v.optional(path("the cluster's admin key file, at the one node that has it")),
  adminPassphrase: v.optional(secret("the passphrase that locks the admin key file")),
});
/** The content of a configuration's file. */
export type ConfigFile = v.InferInput<typeof configShape>;
/** A configuration that was read: its paths lead there from anywhere. */
export type NodeConfig = Omit<v.InferOutput<typeof configShape>, "$schema">;

/** Reads a configuration. @throws {InputError} `config…`, names the key that is wrong, missing or unknown. */
export async function readConfig(file: string): Promise<NodeConfig> {
  const { $schema: _schema, ...config } = await readJson("config", file, configShape);
  const folder = dirname(resolve(file));
  const at = (path: string) => resolve(folder, path);
  const fromFolder = (place: string) => isVariable(place) ? place : at(place);
  const { identity, roster, store, passphrase, admin, adminPassphrase, approve } = config;
  return {
    ...config,
    identity: at(identity),
    roster: at(roster),
    store: at(store),
    ...(passphrase !== undefined && { passphrase: fromFolder(passphrase) }),
    ...(admin !== undefined && { admin: at(admin) }),
    ...(adminPassphrase !== undefined && { adminPassphrase: fromFolder(adminPassphrase) }),
    ...(typeof approve === "object" && "webhook" in approve && {
      approve: { webhook: { ...approve.webhook, secret: fromFolder(approve.webhook.secret) } },
    }),
  };
}
