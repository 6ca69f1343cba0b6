import assert from "node:assert/strict";
import { readConfig } from "../../src/cli/config.ts";
import { newPassphraseFrom, passphraseFrom, secretAt } from "../../src/cli/secrets.ts";
import { InputError } from "../../src/errors.ts";
import { program, quorate } from "./program.ts";

const whole = { identity: "identity.age", roster: "../roster.json", store: "shares.db", listen: [] };

/** A folder with a configuration. */
async function written(config: object): Promise<{ dir: string; file: string } & AsyncDisposable> {
  const dir = await Deno.makeTempDir();
  await Deno.mkdir(`${dir}/alice`);
  const file = `${dir}/alice/node.json`;
  await Deno.writeTextFile(file, JSON.stringify(config));
  return { dir, file, [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }) };
}

Deno.test("readConfig() takes paths as relative to the file, and leaves whole ones and variables alone", async () => {
  const webhook = { url: "https://approve.example/", secret: "hook.txt" };
  const more = { $schema: "x", passphrase: "words.txt", admin: "/keys/admin.age", approve: { webhook } };
  await using folder = await written({ ...whole, ...more });
  const { dir, file } = folder;
  const at = `${dir}/alice`;
  assert.deepEqual(await readConfig(file), {
    identity: `${at}/identity.age`,
    roster: `${dir}/roster.json`,
    store: `${at}/shares.db`,
    listen: [],
    announce: [],
    passphrase: `${at}/words.txt`,
    admin: "/keys/admin.age",
    approve: { webhook: { ...webhook, secret: `${at}/hook.txt`, timeoutMs: 10_000 } },
  });
  const variables = {
    ...whole,
    passphrase: "env:WORDS",
    approve: { webhook: { ...webhook, secret: "env:HOOK" } },
  };
  await Deno.writeTextFile(file, JSON.stringify(variables));
  const { passphrase, approve } = await readConfig(file);
  assert.deepEqual([passphrase, approve], ["env:WORDS", {
    webhook: { ...webhook, secret: "env:HOOK", timeoutMs: 10_000 },
  }]);
});

Deno.test("readConfig() names the key that is wrong, missing or unknown", async () => {
  const webhook = { url: "https://approve.example/", secret: "hook.txt" };
  const cases: [object, RegExp][] = [
    [{ colour: "red" }, /^config\.colour: expected no such key/],
    [{ store: undefined }, /^config\.store: expected "?store"?, found undefined/],
    [{ listen: "here" }, /^config\.listen: expected Array, found "here"/],
    [{ $schema: 1 }, /^config\.\$schema: expected string, found 1/],
    [
      { approve: "everybody" },
      /^config\.approve: expected \("roster" \| "ask" \| Object\), found "everybody"/,
    ],
    [{ approve: { initiators: "Alice" } }, /^config\.approve\.initiators: expected Object, found "Alice"/],
    [{ approve: { initiators: { a: [1] } } }, /^config\.approve\.initiators\.a\.0: expected string, found 1/],
    [{ approve: { colour: 1 } }, /^config\.approve: expected/],
    [{ approve: { webhook: "https://a" } }, /^config\.approve\.webhook: expected Object/],
    [
      { approve: { webhook: { ...webhook, url: 5 } } },
      /^config\.approve\.webhook\.url: expected string, found 5/,
    ],
    [
      { approve: { webhook: { ...webhook, colour: 5 } } },
      /^config\.approve\.webhook\.colour: expected no such key/,
    ],
    [{ approve: { webhook: { url: "https://a" } } }, /^config\.approve\.webhook\.secret: expected "secret"/],
    [
      { approve: { webhook: { ...webhook, timeoutMs: 99 } } },
      /^config\.approve\.webhook\.timeoutMs: expected >=100/,
    ],
    [
      { approve: { webhook: { ...webhook, timeoutMs: 1e9 } } },
      /timeoutMs: expected <=300000, found 1000000000/,
    ],
  ];
  for (const [change, sentence] of cases) {
    await using folder = await written({ ...whole, ...change });
    await assert.rejects(readConfig(folder.file), (error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, sentence);
      return true;
    });
  }
});

Deno.test("secretAt() reads files and variables without their line end, and no error has the secret", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/words`, "correct horse\r\n");
  await Deno.writeTextFile(`${dir}/empty`, "\n");
  Deno.env.set("QUORATE_TEST_WORDS", "battery staple\n");
  assert.equal(await secretAt("passphrase", `${dir}/words`), "correct horse");
  assert.equal(await secretAt("passphrase", "env:QUORATE_TEST_WORDS"), "battery staple");
  assert.deepEqual(await passphraseFrom(undefined), {});
  const cases: [string, RegExp][] = [
    [
      "env:QUORATE_TEST_NONE",
      /^passphrase: expected the environment variable QUORATE_TEST_NONE, found none$/,
    ],
    [
      `${dir}/none`,
      /^passphrase: expected a file, \/dev\/stdin or env:NAME, found a file that cannot be read$/,
    ],
    ["correct horse", /^passphrase: expected a file, .* found a file that cannot be read$/],
    [`${dir}/empty`, /^passphrase: expected a file, .* found an empty one$/],
    [dir, /^passphrase: expected a file, .* found a file that cannot be read$/],
  ];
  for (const [place, sentence] of cases) {
    await assert.rejects(passphraseFrom(place), { name: "InputError", message: sentence });
  }
  Deno.env.set("QUORATE_TEST_WORDS", "hunter2");
  await assert.rejects(newPassphraseFrom("env:QUORATE_TEST_WORDS"), (error: Error) => {
    assert.match(error.message, /^passphrase: /);
    assert.doesNotMatch(error.message, /hunter2/);
    return true;
  });
  Deno.env.delete("QUORATE_TEST_WORDS");
  await Deno.remove(dir, { recursive: true });
});

/** Runs a command with something on standard input. */
async function fed(input: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", "--allow-write", "--allow-env", "--quiet", "--no-check", program, ...args],
    ...{ env, stdin: "piped", stdout: "piped", stderr: "piped" },
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("a passphrase comes from standard input, from a variable, and from a file, and is one", async () => {
  const dir = await Deno.makeTempDir();
  const words = "crumple-orbit-vestige-lantern-77";
  await Deno.writeTextFile(`${dir}/words`, `${words}\n`);
  const key = `${dir}/identity.age`;
  const peer = await fed(`${words}\n`, ["identity", "create", key, "--passphrase", "/dev/stdin"]);
  assert.match(peer, /^12D3Koo/);
  const show = ["identity", "show", key, "--passphrase"];
  assert.equal(await fed("", [...show, "env:QUORATE_WORDS"], { QUORATE_WORDS: words }), peer);
  assert.equal((await quorate(...show, `${dir}/words`)).out, peer);
  assert.equal((await quorate(...show, "env:QUORATE_NONE")).code, 2);
  await Deno.remove(dir, { recursive: true });
});
