import assert from "node:assert/strict";
import { createKeyFile, keyFile } from "../../src/identity/key_file.ts";
import { storedIdentity } from "../../src/identity/stored_identity.ts";
import { platformRandom } from "../../src/platform/platform.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { normalPassphrase } from "../../src/text/passphrase.ts";
import { passphrasesHere } from "../../src/keystore/passphrases.ts";
import { bytesOf, streamOf } from "../../src/keystore/byte_streams.ts";
import { workerPassphrases } from "../../src/worker/passphrases_client.ts";
import { softPasskeys } from "../identity/soft_passkeys.ts";

/** One passphrase, as four systems give its characters. */
const words = "Zoë sails the séa 42";
const forms = ["NFC", "NFD", "NFKC", "NFKD"].map((form) => words.normalize(form));
const typed = [
  ...forms,
  words.replaceAll(" ", "\u00a0"),
  words.replace(" ", "\u3000"),
  words.replace("4", "４"),
];
const others = [words.toLowerCase(), `${words} `, words.replace("ë", "e"), "Zoe sails the sea 42"];

Deno.test("normalPassphrase() is the same for every form of the same characters, and for nothing else", () => {
  assert.deepEqual([...new Set(typed.map(normalPassphrase))], [words.normalize("NFC")]);
  for (const other of others) assert.notEqual(normalPassphrase(other), normalPassphrase(words), other);
});

Deno.test("A key file that one form of a passphrase locks opens with every other form, and with no other words", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const { peer } = await createKeyFile(`${dir}/key`, { passphrase: forms[0]!, random: platformRandom });
    for (const passphrase of [forms[1]!, typed[4]!]) {
      assert.equal((await keyFile(`${dir}/key`, { passphrase })).peer, peer);
    }
    await assert.rejects(keyFile(`${dir}/key`, { passphrase: others[0]! }), /found a wrong one/);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("An identity kept in a browser opens with every form of its passphrase", async () => {
  const store = { ...memoryStore(), close: () => Promise.resolve() };
  const kept = storedIdentity({
    open: () => Promise.resolve(store),
    random: platformRandom,
    passkeys: softPasskeys(),
    workFactor: 10,
  });
  const { peer } = await kept.create({ lock: { passphrase: forms[1]! }, name: "Ada" });
  for (const passphrase of typed) assert.equal((await kept.unlock({ passphrase })).peer, peer);
  for (const passphrase of others) {
    await assert.rejects(kept.unlock({ passphrase }), { name: "InputError", field: "passphrase" });
  }
});

Deno.test("What a passphrase locks here or in a worker opens with every form of it", async () => {
  const plain = new TextEncoder().encode("a backup");
  for (
    const [one, other] of [[passphrasesHere, workerPassphrases()], [
      workerPassphrases(),
      passphrasesHere,
    ]] as const
  ) {
    const file = await bytesOf(await one.seal(streamOf([plain]), forms[1]!, 10));
    const opened = await other.open(streamOf([file]), forms[0]!);
    assert.ok(opened !== null, "it opens");
    assert.deepEqual(await bytesOf(opened), plain);
    assert.equal(await other.open(streamOf([file]), others[0]!), null);
  }
});
