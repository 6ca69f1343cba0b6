import assert from "node:assert/strict";
import type { CommandDef } from "citty";
import { checkArguments, namedCommand } from "../../src/cli/arguments/check_arguments.ts";
import { type CommandWords, defineCommand, resolved } from "../../src/cli/arguments/command.ts";
import { runProgram } from "../../src/cli/arguments/run_program.ts";
import { quorate as root } from "../../src/cli/program.ts";
import { version } from "../../src/platform/version.ts";
import { InputError } from "../../src/errors.ts";
import { quorate } from "./program.ts";

/** All commands of a program with the words that name them. */
async function* commandsOf(command: CommandDef, path: string[] = []): AsyncGenerator<[string[], CommandDef]> {
  yield [path, command];
  for (const [name, sub] of Object.entries(await resolved(command.subCommands) ?? {})) {
    yield* commandsOf((await resolved(sub))!, [...path, name]);
  }
}

/** The words of a line as a shell splits them, up to a redirection. */
const split = (line: string): string[] =>
  [...line.replace(/ [<>].*/, "").matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)]
    .map(([, single, double, plain]) => single ?? double ?? plain!);

Deno.test("every command has a description and examples, and each example is a command line that is taken", async () => {
  let commands = 0;
  for await (const [path, command] of commandsOf(root)) {
    commands++;
    const { name, description, examples } = await resolved(command.meta) as unknown as CommandWords;
    const at = path.join(" ");
    assert.equal(name, path.at(-1) ?? "quorate", at);
    assert.ok(description.length > 0, at);
    assert.ok(examples.length > 0, `${at} has examples`);
    for (const example of examples) {
      if (/--(help|version)$/.test(example)) continue;
      const named = await namedCommand(root, { name: "quorate", words: split(example) });
      assert.ok(named.command.run, example);
      assert.deepEqual(named.path.slice(1, path.length + 1), path, `${example} is one of ${at}`);
      await checkArguments(named);
    }
  }
  assert.ok(commands > 15, `${commands} commands`);
});

Deno.test("quorate --help is there at every level, with examples, and ends with 0", async () => {
  for await (const [path] of commandsOf(root)) {
    let printed = "";
    const program = { name: "quorate", version, root, print: (text: string) => void (printed += text) };
    await runProgram(program, [...path, "--help"]);
    assert.match(printed, /USAGE/, path.join(" "));
    assert.match(printed, new RegExp(`EXAMPLES?\\n\\n  quorate ${path.join(" ")}`), path.join(" "));
  }
  const { code, out, sentence } = await quorate("keys", "list", "--help");
  assert.deepEqual([code, sentence], [0, ""]);
  assert.match(out, /\(quorate keys list\)/);
  // deno-lint-ignore no-control-regex -- looks for the colours of a terminal
  assert.doesNotMatch(out, /\x1b/);
  assert.deepEqual(await quorate("run", "-h"), await quorate("run", "node.json", "--help"));
});

Deno.test("quorate --version is that of deno.json", async () => {
  const config = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  assert.equal(version, config.version);
  assert.deepEqual(await quorate("--version"), { code: 0, out: version, sentence: "" });
});

Deno.test("quorate refuses what it does not know, names it in one sentence, and ends with 2", async () => {
  const cases: [string[], RegExp][] = [
    [[], /^command: expected a command after “quorate”, found none/],
    [["keys"], /^command: expected a command after “quorate keys”, found none/],
    [["thaw"], /^command: expected init, .* after “quorate”, found “thaw”$/],
    [["keys", "thaw"], /^command: expected create, list, .* after “quorate keys”, found “thaw”$/],
    [["--verbose"], /^--verbose: .* found an unknown flag/],
    [["run", "node.json", "--rely"], /^--rely: expected --invite, .*--relay.* found an unknown flag$/],
    [["restored", "node.json", "-c"], /^-c: expected --confirm or --json of “quorate restored”/],
    [["run", "node.json", "--no-relay"], /^--no-relay: /],
  ];
  for (const [args, sentence] of cases) {
    const ended = await quorate(...args);
    assert.equal(ended.code, 2, args.join(" "));
    assert.match(ended.sentence, sentence);
    assert.deepEqual([ended.out, ended.sentence.split("\n").length], ["", 1]);
  }
});

/** A program with one command of every kind of argument, and what it ran with. */
function program() {
  const ran: unknown[] = [];
  const one = defineCommand({
    meta: { name: "one", description: "One", examples: [] },
    args: {
      file: { type: "positional", required: true, description: "a file" },
      other: { type: "positional", required: false, description: "another" },
      note: { type: "string", default: "", description: "a note" },
      "a-file": { type: "string", description: "a file" },
      hash: { type: "enum", options: ["sha256", "keccak256"], description: "a hash" },
      out: { type: "string", required: true, description: "the result" },
      json: { type: "boolean", default: false, description: "print JSON" },
    },
    run({ args }) {
      const { file, other, note, hash, out, json } = args;
      ran.push({ file, other, note, aFile: args["a-file"], hash, out, json });
    },
  });
  const none = defineCommand({
    meta: { name: "none", description: "None", examples: [] },
    run: () => ran.push("none"),
  });
  const subCommands = { one, none };
  const root = defineCommand({ meta: { name: "p", description: "P", examples: [] }, subCommands });
  const run = (...words: string[]) =>
    runProgram({ name: "p", version: "1", root, print: (text) => ran.push(text) }, words);
  return { ran, run };
}

Deno.test("runProgram() gives a command exactly what was typed", async () => {
  const { ran, run } = program();
  const words = [
    "one",
    "f",
    "--note",
    "why",
    "--hash=sha256",
    "--out",
    "-",
    "--json",
    "--a-file=-x",
    "--",
    "-g",
  ];
  await run(...words);
  await run("none");
  await run("--version");
  const given = { file: "f", other: "-g", note: "why", aFile: "-x", hash: "sha256", out: "-", json: true };
  assert.deepEqual(ran, [given, "none", "1"]);
  await run("one", "f", "--out", "o", "--", "--help");
  assert.deepEqual(ran.at(-1), {
    ...{ file: "f", other: "--help", note: "", aFile: undefined, hash: undefined, out: "o", json: false },
  });
});

Deno.test("runProgram() refuses each wrong argument by name, and runs nothing", async () => {
  const { ran, run } = program();
  const cases: [string[], string, RegExp][] = [
    [["one", "--out", "o"], "file", /a file.*found none/],
    [["one", "f"], "--out", /the result.*found none/],
    [["one", "f", "g", "h", "--out", "o"], "arguments", /at most 2.*“h” too/],
    [["none", "f"], "arguments", /no argument.*“f” too/],
    [["one", "f", "--out"], "--out", /a value, found none/],
    [["one", "f", "--out", "--json"], "--out", /a value, found “--json”; write --out=--json/],
    [["one", "f", "--out", "-5"], "--out", /a value, found “-5”/],
    [["one", "f", "--out", "a", "--out", "b"], "--out", /once, found it twice/],
    [["one", "f", "--out", "a", "--json=false"], "--json", /no value, found “false”/],
    [["one", "f", "--out", "a", "--hash", "md5"], "--hash", /sha256, keccak256, found “md5”/],
    [["one", "f", "--out", "a", "--aFile", "b"], "--aFile", /unknown/],
    [["one", "f", "-out", "a"], "-o", /unknown/],
    [["one", "f", "--out", "a", "--__proto__", "b"], "--__proto__", /unknown/],
    [["none", "--json"], "--json", /expected no flags of “p none”/],
    [["constructor"], "command", /found “constructor”/],
    [["--help=1"], "--help=1", /unknown/],
  ];
  for (const [words, field, problem] of cases) {
    await assert.rejects(run(...words), (error) => {
      assert.ok(error instanceof InputError, String(error));
      assert.equal(error.field, field);
      assert.match(error.message, problem);
      return true;
    }, words.join(" "));
  }
  assert.deepEqual(ran, []);
});
