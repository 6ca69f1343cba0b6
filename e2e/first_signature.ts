/**
 * The transcript of the README from nothing to a signature, on three terminals, as it stands there. Not a test by itself.
 *
 * `1$` is a command at terminal 1, `1:` a line that it prints (`…` stands for anything), `1>` the fourth word, which a
 * person types. Commands run as they are written, but that Alice listens on a port that is free.
 * @module
 */
import assert from "node:assert/strict";
import { type CommandLine, Spawned } from "../tests/cli/running.ts";
import { freePort } from "./folders.ts";

const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
const [, transcript] = readme.match(/```text\n(1\$ [\s\S]*?)```/)!;
const lines = transcript!.trimEnd().split("\n");

/** Whatever runs at a terminal, and its end if it ends by itself. */
interface Terminal {
  command: Spawned;
  ended: Promise<number> | null;
}

/** A line of the transcript as it may be printed. */
const printed = (line: string) =>
  new RegExp(line.split("…").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join(".+"));

/**
 * Runs all commands of the transcript in the folder of a command line, which is empty, and has the command line verify the
 * signature that comes out.
 *
 * @returns The time from the first command to that signature, seconds: nobody has read or typed meanwhile.
 */
export async function firstSignature(quorate: CommandLine & { cwd: string }): Promise<number> {
  const commands = lines.filter((line) => /^\d\$ /.test(line));
  assert.ok(commands.length <= 6, `${commands.length} commands`);
  const listen = `/ip4/127.0.0.1/tcp/${await freePort()}/ws`;
  const terminals = new Map<string, Terminal>();
  const began = performance.now();
  try {
    for (const line of lines) {
      const [, place, mark, rest] = line.match(/^(\d)([$:>]) (.*)$/) ?? assert.fail(line);
      const terminal = terminals.get(place!);
      if (mark === "$") {
        assert.equal(await terminal?.ended ?? 0, 0, terminal?.command.sentences);
        terminals.set(place!, await started(quorate, rest!, listen));
      } else if (mark === ":") await terminal!.command.says(printed(rest!));
      else await terminal!.command.type(fourthWord(terminals.get("2")!.command));
    }
    const { command, ended } = terminals.get("3")!;
    assert.equal(await ended, 0, command.sentences);
    const seconds = (performance.now() - began) / 1000;
    assert.match(command.out, /^[0-9a-f]{128}\n$/, "a signature, and nothing else");
    await verify(quorate, command.out.trim());
    await askMore(quorate);
    return seconds;
  } finally {
    for (const { command, ended } of terminals.values()) {
      if (ended === null) await command.type("\x03");
      await (ended ?? command.ends());
    }
  }
}

/** Further commands of the same command line: the running node answers them, and the last one needs none. */
async function askMore(quorate: CommandLine): Promise<void> {
  const id = "00112233445566778899aabbccddeeff";
  const outputs: string[] = [];
  for (
    const words of [
      ["sign", "alice/node.json", "treasury", "ed25519", "--message", "again", "--id", id],
      ["outcome", "alice/node.json", id],
      ["status", "alice/node.json"],
      ["keys", "list", "alice/node.json"],
      ["completions", "bash"],
    ]
  ) {
    const command = new Spawned(quorate, words);
    assert.equal(await command.ends(), 0, `${words}: ${command.sentences}`);
    outputs.push(command.out);
  }
  const [signature, outcome, status, list, completions] = outputs;
  assert.match(signature!, /^[0-9a-f]{128}\n$/);
  assert.equal(outcome, signature);
  assert.match(status!, /Bob/);
  assert.match(list!, /treasury, ed25519: active/);
  assert.match(completions!, /complete .*quorate/);
}

async function started(
  quorate: CommandLine & { cwd: string },
  line: string,
  listen: string,
): Promise<Terminal> {
  const [typed, input] = line.split(" < ");
  const words = typed!.split(" ");
  assert.equal(words.shift(), "quorate");
  if (words[0] === "init") words.push("--listen", listen);
  if (words[0] === "run") return { command: Spawned.atTerminal(quorate, words), ended: null };
  const command = new Spawned(quorate, words);
  if (input !== undefined) await command.type(await Deno.readTextFile(`${quorate.cwd}/${input}`));
  return { command, ended: command.ends() };
}

/** The word that is on the screen of whoever wants to join, and on no other. */
function fourthWord({ sentences }: Spawned): string {
  const [, word] = sentences.match(/\n {2}\S+ \S+ \S+ (\S+)\n/) ?? assert.fail(sentences);
  return word!;
}

/** `verify` takes the signature for what the transcript signs, and for nothing else. */
async function verify(quorate: CommandLine, signature: string): Promise<void> {
  const shown = new Spawned(quorate, ["keys", "show", "alice/node.json", "treasury", "--json"]);
  assert.equal(await shown.ends(), 0, shown.sentences);
  const { keys: [{ publicKey }] } = JSON.parse(shown.out);
  for (const [message, code] of [["hello", 0], ["hallo", 1]] as const) {
    const verified = new Spawned(quorate, ["verify", "ed25519", publicKey, signature, "--message", message]);
    assert.equal(await verified.ends(), code, verified.out + verified.sentences);
  }
}
