import { p2tr, TEST_NETWORK } from "@scure/btc-signer";
import { npubEncode } from "nostr-tools/nip19";
import assert from "node:assert/strict";
import { renderToString } from "preact-render-to-string";
import type { GroupKey } from "../../../web/node/node_port.ts";
import { Addresses, addressesOf } from "../../../web/view/addresses.tsx";
import { Page } from "../../../web/view/page.tsx";
import { OutputField } from "../../../web/view/sign_fields.tsx";
import { ApproveDialog } from "../../../web/holder/view/approve.tsx";
import { bip340Key, bob, ecdsaKey, key, page, peers } from "../events.ts";
import { requestFor } from "../holder/requests.ts";
import { idleAct as act } from "../idle_act.ts";
import { stories } from "../stories.ts";

const text = (markup: string) => markup.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");
const x = bip340Key.publicKey.slice(1);
const expected = {
  Bitcoin: p2tr(x).address!,
  Testnet: p2tr(x, undefined, TEST_NETWORK).address!,
  Nostr: npubEncode(x.toHex()),
};

/** The page with this key selected, after a story in which all are ready. */
function withKey(one: GroupKey, narrow = false): string {
  const state = page([
    { type: "keys", keys: [one] },
    { type: "select", key: one.session },
  ], page(stories.created));
  return renderToString(<Page state={state} act={act} schemes={[one.scheme]} narrow={narrow} />);
}

Deno.test("addressesOf() of BIP-340 are its Taproot addresses without scripts, its npub, and the key", () => {
  const lines = Object.fromEntries(addressesOf(bip340Key).map(({ name, text }) => [name, text]));
  assert.deepEqual(lines, { ...expected, "Public key": bip340Key.publicKey.toHex() });
  const markup = text(renderToString(<Addresses groupKey={bip340Key} act={act} />));
  for (const part of Object.entries(expected).flat()) assert.ok(markup.includes(part), part);
  const output = { ...bip340Key, publicKey: x };
  assert.deepEqual(
    addressesOf(output).map(({ name }) => name),
    ["Public key"],
    "no addresses of an output key",
  );
});

Deno.test("Page shows a key for BIP-340 with its addresses, and a button to copy each", () => {
  const markup = withKey(bip340Key);
  assert.match(text(markup), /BIP-340/);
  for (const [name, address] of Object.entries(expected)) {
    assert.ok(markup.includes(`title="${address}"`), name);
    assert.match(markup, new RegExp(`the ${name} address`));
  }
});

Deno.test("Page offers for BIP-340 alone to sign the message as it is, and as a Taproot output", () => {
  for (const narrow of [false, true]) {
    const markup = withKey(bip340Key, narrow);
    const options = [...markup.matchAll(/<option[^>]*value="([^"]*)"/g)].map(([, value]) => value);
    assert.deepEqual(options.filter((value) => value === "none" || value!.includes("256")), [
      "none",
      "sha256",
    ]);
    assert.ok(!options.includes("digest"));
    assert.match(text(markup), /as Taproot output \(key path, BIP-86\)/);
    assert.doesNotMatch(text(markup), /Merkle root/, "before the output is chosen");
  }
  for (const other of [key, ecdsaKey]) assert.doesNotMatch(text(withKey(other)), /Taproot|as it is/);
});

Deno.test("OutputField() asks for a root once an output signs, and marks a wrong one", () => {
  const field = (root: string | null, wrong = false) =>
    renderToString(
      <OutputField
        root={root}
        refusal={wrong ? { field: "merkleRoot", message: "wrong" } : null}
        onRoot={() => {}}
      />,
    );
  assert.doesNotMatch(field(null), /Merkle root|type="text"/);
  assert.match(text(field("")), /Merkle root of its scripts in hex; leave it empty if it has none/);
  assert.match(field("ab"), /type="text" value="ab"/);
  assert.match(field("ab", true), /aria-invalid/);
});

Deno.test("ApproveDialog says of BIP-340 what is hashed, and which output signs", () => {
  const item = {
    message: new TextEncoder().encode("gm"),
    options: { merkleRoot: new Uint8Array() },
    publicKey: p2tr(x).tweakedPubkey,
  };
  const request = requestFor([item], { scheme: "bip340", keyId: bip340Key.session, initiator: bob });
  const said = text(renderToString(
    <ApproveDialog asks={[{ id: 1, request }]} peers={peers} onAnswer={() => {}} />,
  ));
  for (
    const part of [
      "BIP-340 (Taproot, Nostr)",
      "What is signed the message as it is",
      "Signs as a Taproot output of the key",
      `Address of the output ${expected.Bitcoin}`,
      `Key of the output ${p2tr(x).tweakedPubkey.toHex()}`,
      "Its scripts none",
    ]
  ) assert.ok(said.includes(part), `${part} in ${said}`);
});
