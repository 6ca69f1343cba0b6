import assert from "node:assert/strict";
import { quorate } from "./program.ts";

Deno.test("quorate identity create says of a key file without a passphrase that whoever reads it is this peer, and of a locked one that it takes a while", async () => {
  const dir = await Deno.makeTempDir();
  const open = await quorate("identity", "create", `${dir}/open.age`);
  assert.equal(open.code, 0);
  assert.match(open.out, /^12D3Koo\w+$/);
  assert.match(
    open.sentence,
    /^\S+open\.age is not locked: anybody who can read it can act as this peer\. --passphrase locks it$/,
  );
  assert.match(await Deno.readTextFile(`${dir}/open.age`), /AGE-SECRET-KEY/);

  await Deno.writeTextFile(`${dir}/words.txt`, "correct horse battery\n");
  const locked = await quorate("identity", "create", `${dir}/locked.age`, "--passphrase", `${dir}/words.txt`);
  assert.equal(locked.code, 0);
  assert.match(locked.sentence, /^locking \S+locked\.age …$/, "it takes two seconds");
  const shown = await quorate("identity", "show", `${dir}/locked.age`, "--passphrase", `${dir}/words.txt`);
  assert.match(shown.sentence, /^opening \S+locked\.age …$/);
  assert.equal((await quorate("identity", "show", `${dir}/open.age`)).sentence, "");
  assert.doesNotMatch(await Deno.readTextFile(`${dir}/locked.age`), /AGE-SECRET-KEY/);

  await Deno.writeTextFile(`${dir}/weak.txt`, "password1\n");
  const weak = await quorate("identity", "create", `${dir}/weak.age`, "--passphrase", `${dir}/weak.txt`);
  assert.equal(weak.code, 2);
  assert.match(
    weak.sentence,
    /^passphrase: That passphrase is too easy to guess: .* Take four or more words/,
  );
  assert.ok(!weak.sentence.includes("password1"));
  await assert.rejects(Deno.stat(`${dir}/weak.age`), Deno.errors.NotFound);
  await Deno.remove(dir, { recursive: true });
});
