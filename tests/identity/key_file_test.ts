import assert from "node:assert/strict";
import { type FileHandle, open } from "node:fs/promises";
import { findAge } from "./age_tool.ts";
import { armor, Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";
import { InputError } from "../../src/errors.ts";
import { createKeyFile, keyFile } from "../../src/identity/key_file.ts";

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

async function directory() {
  const path = await Deno.makeTempDir({ prefix: "quorate-identity-" });
  return {
    path,
    file: `${path}/identity.age`,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** A locked file as stock age writes it, with a work factor for tests: 2¹⁰ instead of 2¹⁸. */
async function locked(text: string, passphrase: string): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(10);
  return await encrypter.encrypt(text);
}

/** The message with which the file is refused. Nothing secret is in it, nor in what caused it. */
async function refusal(file: string, passphrase?: string): Promise<string> {
  const error = await keyFile(file, passphrase === undefined ? {} : { passphrase }).catch((error) => error);
  assert(error instanceof InputError && error.field === "identity", String(error));
  const said = Deno.inspect(error);
  assert(!/(SECRET-KEY|PEER-KEY)-1[0-9A-Z]/.test(said), said);
  assert(passphrase === undefined || !said.includes(passphrase), said);
  return error.message.replaceAll(file, "FILE");
}

const write = (file: string, content: string | Uint8Array) =>
  Deno.writeFileSync(file, typeof content === "string" ? new TextEncoder().encode(content) : content, {
    mode: 0o600,
  });

Deno.test("createKeyFile() writes what keyFile() reads, for its owner only", async () => {
  await using here = await directory();
  const made = await createKeyFile(here.file, { random });
  assert.equal(Deno.statSync(here.file).mode! & 0o777, 0o600);
  const read = await keyFile(here.file);
  assert.equal(read.peer, made.peer);
  assert.deepEqual(read.secrets(), made.secrets());
  const text = Deno.readTextFileSync(here.file);
  const recipient = await identityToRecipient(made.secrets().storageKey);
  assert(text.startsWith("# quorate identity"));
  assert(text.includes(`\n# peer: ${made.peer}\n# public key: ${recipient}\n# peer key: QUORATE-PEER-KEY-1`));
  assert.equal(
    text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).join(),
    made.secrets().storageKey,
  );
});

Deno.test("createKeyFile() with a passphrase writes an armored age file that only the passphrase opens", async () => {
  await using here = await directory();
  const passphrase = "correct horse battery staple";
  const made = await createKeyFile(here.file, { passphrase, random });
  assert.equal(Deno.statSync(here.file).mode! & 0o777, 0o600);
  const file = Deno.readTextFileSync(here.file);
  assert(file.startsWith("-----BEGIN AGE ENCRYPTED FILE-----\n"));
  assert.match(new TextDecoder().decode(armor.decode(file)), /^age-encryption.org\/v1\n-> scrypt \S+ 18\n/);
  assert.deepEqual((await keyFile(here.file, { passphrase })).secrets(), made.secrets());
  assert.match(await refusal(here.file, "wrong horse battery staple"), /found a wrong one/);
  assert.equal(Deno.readTextFileSync(here.file), file, "nothing was written");
});

Deno.test("createKeyFile() never writes over anything", async () => {
  await using here = await directory();
  write(here.file, "precious");
  Deno.mkdirSync(`${here.path}/directory`);
  Deno.symlinkSync(`${here.path}/nowhere`, `${here.path}/link`);
  for (const path of [here.file, `${here.path}/directory`, `${here.path}/link`]) {
    const problem = `expected to make ${path}, found that something is there already`;
    await assert.rejects(
      createKeyFile(path, { random }),
      new InputError("identity", problem, { code: "taken" }),
    );
  }
  assert.equal(Deno.readTextFileSync(here.file), "precious");
  assert.throws(() => Deno.statSync(`${here.path}/nowhere`));
});

Deno.test("createKeyFile() says in one sentence why it cannot write, and leaves nothing behind", async () => {
  await using here = await directory();
  const problem = `expected to make ${here.path}/no/key, found no directory for it`;
  await assert.rejects(
    createKeyFile(`${here.path}/no/key`, { random }),
    new InputError("identity", problem, { code: "unreadable" }),
  );
  write(here.file, "");
  await assert.rejects(createKeyFile(`${here.file}/key`, { random }), InputError);
  await assert.rejects(createKeyFile(`${here.path}/key`, { passphrase: "", random }), /found an empty one/);
  assert.deepEqual([...Deno.readDirSync(here.path)].map(({ name }) => name), ["identity.age"]);
});

Deno.test("createKeyFile() removes what it began when the disk is full", async () => {
  await using here = await directory();
  const folder = await open(here.path, "r");
  const files: FileHandle = Object.getPrototypeOf(folder);
  await folder.close();
  const { sync } = files;
  const full = Object.assign(new Error("ENOSPC: no space left on device, fsync"), { code: "ENOSPC" });
  files.sync = () => Promise.reject(full);
  try {
    await assert.rejects(createKeyFile(here.file, { random }), /found no space left on the disk$/);
  } finally {
    files.sync = sync;
  }
  assert.deepEqual([...Deno.readDirSync(here.path)], []);
});

Deno.test("keyFile() refuses a file that others can read or write, and says what to do", async () => {
  await using here = await directory();
  await createKeyFile(here.file, { random });
  for (const mode of [0o640, 0o604, 0o444, 0o644, 0o620, 0o602, 0o660, 0o666]) {
    Deno.chmodSync(here.file, mode);
    const can = (mode & 0o022) !== 0 ? "write" : "read";
    assert.equal(
      await refusal(here.file),
      `identity: expected a key file at FILE, found one that others can ${can}: run chmod 600 FILE`,
      mode.toString(8),
    );
  }
  const warned: string[] = [];
  Deno.chmodSync(here.file, 0o400);
  await keyFile(here.file, { warn: (sentence) => warned.push(sentence) });
  assert.deepEqual(warned, []);
});

Deno.test("keyFile() reads a mounted secret: open for its group alone and for nobody to write, locked for all to read", async () => {
  await using here = await directory();
  const { peer } = await createKeyFile(here.file, { random });
  const text = Deno.readTextFileSync(here.file);
  const warned: string[] = [];
  const warn = (sentence: string) => warned.push(sentence.replaceAll(here.file, "FILE"));
  Deno.chmodSync(here.file, 0o440);
  await assert.doesNotReject(keyFile(here.file));
  assert.equal((await keyFile(here.file, { warn })).peer, peer);
  const passphrase = "long enough it is";
  const file = `${here.path}/locked`;
  write(file, await locked(text, passphrase));
  for (const mode of [0o440, 0o640, 0o444, 0o644]) {
    Deno.chmodSync(file, mode);
    assert.equal((await keyFile(file, { passphrase, warn })).peer, peer, mode.toString(8));
  }
  for (const mode of [0o620, 0o666]) {
    Deno.chmodSync(file, mode);
    assert.match(await refusal(file, passphrase), /others can write/);
  }
  assert.deepEqual(warned.map((sentence) => sentence.replace(file, "LOCKED")), [
    "FILE can be read by its group",
    "LOCKED can be read by its group; it is locked with a passphrase",
    "LOCKED can be read by its group; it is locked with a passphrase",
    "LOCKED can be read by everyone on this machine; it is locked with a passphrase",
    "LOCKED can be read by everyone on this machine; it is locked with a passphrase",
  ]);
});

Deno.test("keyFile() reads a key that comes through a pipe, and no more than a key file has", async () => {
  await using here = await directory();
  const { peer } = await createKeyFile(here.file, { random });
  const text = Deno.readFileSync(here.file);
  const through = async (content: Uint8Array) => {
    const module = new URL("../../src/identity/key_file.ts", import.meta.url);
    const source = `import { keyFile } from ${JSON.stringify(module)};
      try { console.log((await keyFile("/dev/stdin")).peer); } catch (error) { console.log(error.message); }`;
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "--allow-read", "--allow-env", "--config", config, "-"]
        .with(-1, `data:application/typescript,${encodeURIComponent(source)}`),
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(content).catch(() => {}); // it may have read enough
    await writer.close().catch(() => {});
    return new TextDecoder().decode((await child.output()).stdout).trim();
  };
  assert.equal(await through(text), peer);
  assert.match(await through(new Uint8Array(200_000)), /found more than 65536 bytes/);
});

Deno.test("keyFile() says in one sentence why it cannot read", async () => {
  await using here = await directory();
  const at = "identity: expected a key file at FILE, found";
  assert.equal(await refusal(`${here.path}/none`), `${at} nothing there`);
  assert.equal(await refusal(here.path), `${at} something that is no file`);
  write(here.file, new Uint8Array(70_000));
  assert.equal(await refusal(here.file), `${at} 70000 bytes`);
  assert.match(await refusal(`${here.file}/key`), /found a file in its path where a directory should be$/);
});

Deno.test("keyFile() names the damaged line, for any character of any line", async () => {
  await using here = await directory();
  const made = await createKeyFile(here.file, { random });
  const text = Deno.readTextFileSync(here.file);
  const starts = [/# peer: /, /# public key: /, /# peer key: /, /^AGE-/m].map((start) => text.search(start));
  for (const start of starts) {
    const number = text.slice(0, start).split("\n").length;
    const end = text.indexOf("\n", start);
    for (let at = text.indexOf("1", start); at < end; at++) {
      const other = text[at] === "Q" ? "P" : "Q";
      write(here.file, text.slice(0, at) + other + text.slice(at + 1));
      assert.match(
        await refusal(here.file),
        new RegExp(`in line ${number} of FILE, found another$`),
        `at ${at}`,
      );
    }
  }
  write(here.file, text);
  assert.equal((await keyFile(here.file)).peer, made.peer);
});

Deno.test("keyFile() names the line that is missing or there twice", async () => {
  await using here = await directory();
  await createKeyFile(here.file, { random });
  const lines = Deno.readTextFileSync(here.file).trimEnd().split("\n");
  const labels = ["", "peer", "public key", "peer key", "storage key"];
  for (let i = 1; i < lines.length; i++) {
    write(here.file, lines.toSpliced(i, 1).join("\n"));
    assert.equal(await refusal(here.file), `identity: expected a ${labels[i]} in FILE, found none`);
    write(here.file, [...lines, lines[i]].join("\n"));
    assert.equal(
      await refusal(here.file),
      `identity: expected one ${labels[i]} in FILE, found another in line 6`,
    );
  }
  write(here.file, lines.with(4, await generateHybridIdentity()).join("\n"));
  assert.match(await refusal(here.file), /expected AGE-SECRET-KEY-1… and its checksum in line 5 of FILE/);
  for (const junk of ["", "\n\n", "hello", "# quorate identity\n", "\u0000\u0001"]) {
    write(here.file, junk);
    await refusal(here.file);
  }
});

Deno.test("keyFile() does not mind other comments, empty lines, and line ends of Windows", async () => {
  await using here = await directory();
  const made = await createKeyFile(here.file, { random });
  write(here.file, `# Ada's laptop\n\n${Deno.readTextFileSync(here.file)}\n`.replaceAll("\n", "\r\n"));
  assert.equal((await keyFile(here.file)).peer, made.peer);
});

Deno.test("keyFile() refuses two halves of different identities", async () => {
  await using here = await directory();
  await createKeyFile(here.file, { random });
  await createKeyFile(`${here.file}.2`, { random });
  const [one, two] = [here.file, `${here.file}.2`].map((file) => Deno.readTextFileSync(file).split("\n"));
  for (const i of [1, 2, 3, 4]) {
    write(here.file, one!.with(i, two![i]!).join("\n"));
    assert.match(await refusal(here.file), /whose key this is, in line [23] of FILE, found another/);
  }
});

Deno.test("keyFile() opens a locked file, armored or not, and says if the passphrase is wrong or missing", async () => {
  await using here = await directory();
  const made = await createKeyFile(here.file, { random });
  const text = Deno.readTextFileSync(here.file);
  assert.equal(
    await refusal(here.file, "hunter2hunter2"),
    "identity: expected FILE to be locked with a passphrase, found it open",
  );
  const sealed = await locked(text, "hunter2hunter2");
  for (
    const content of [sealed, armor.encode(sealed), `\n${armor.encode(sealed)}`.replaceAll("\n", "\r\n")]
  ) {
    write(here.file, content);
    assert.equal((await keyFile(here.file, { passphrase: "hunter2hunter2" })).peer, made.peer);
    assert.equal(await refusal(here.file), "identity: expected the passphrase of FILE, found none");
    const wrong = "identity: expected the passphrase of FILE, found a wrong one (or the file is damaged)";
    for (const guess of ["hunter2hunter3", ""]) {
      const said = await keyFile(here.file, { passphrase: guess }).catch((error) => error.message);
      assert.equal(said.replaceAll(here.file, "FILE"), wrong);
    }
  }
});

Deno.test("keyFile() opens no locked file of which any byte is another", async () => {
  await using here = await directory();
  await createKeyFile(here.file, { random });
  const sealed = await locked(Deno.readTextFileSync(here.file), "hunter2hunter2");
  const header = new TextDecoder("latin1").decode(sealed).indexOf("---");
  const workFactor = new TextDecoder("latin1").decode(sealed).indexOf(" 10\n") + 1;
  for (const at of sealed.keys()) {
    // Another work factor costs another time; the rest of the header and every third byte of the body will do.
    if (at === workFactor || at === workFactor + 1 || at > header + 60 && at % 3 !== 0) continue;
    write(here.file, sealed.map((byte, i) => i === at ? byte ^ 1 : byte));
    await refusal(here.file, "hunter2hunter2");
  }
});

Deno.test("createKeyFile() writes a file that the stock age tool decrypts with", async () => {
  const age = await findAge();
  await using here = await directory();
  const { storageKey } = (await createKeyFile(here.file, { random })).secrets();
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(storageKey));
  write(`${here.path}/backup.age`, await encrypter.encrypt("a backup"));
  const args = ["--decrypt", "-i", here.file, `${here.path}/backup.age`];
  const { stdout } = await new Deno.Command(age, { args }).output();
  assert.equal(new TextDecoder().decode(stdout), "a backup");
});
