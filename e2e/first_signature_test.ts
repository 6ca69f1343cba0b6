/**
 * The transcript of the README from nothing to a signature, on three terminals, as it stands there.
 *
 * `1$` is a command at terminal 1, `1:` a line that it prints (`…` stands for anything), `1>` the fourth word, which a
 * person types. Commands run as they are written, but that Alice listens on a port that is free.
 * @module
 */
import assert from "node:assert/strict";
import { AtTerminal, Running } from "../tests/cli/running.ts";
import { freePort } from "./folders.ts";

const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
const [, transcript] = readme.match(/```text\n(1\$ [\s\S]*?)```/)!;
const lines = transcript!.trimEnd().split("\n");

type Command = Running | AtTerminal;

/** Whatever runs at a terminal, and its end if it ends by itself. */
interface Terminal {
  command: Command;
  ended: Promise<number> | null;
}

async function started(line: string, listen: string): Promise<Terminal> {
  const [typed, input] = line.split(" < ");
  const words = typed!.split(" ");
  assert.equal(words.shift(), "quorate");
  if (words[0] === "init") words.push("--listen", listen);
  if (words[0] === "run") return { command: new AtTerminal(...words), ended: null };
  const command = new Running(...words);
  if (input !== undefined) await command.type(await Deno.readTextFile(input));
  return { command, ended: command.ends() };
}

/** A line of the transcript as it may be printed. */
const printed = (line: string) =>
  new RegExp(line.split("…").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join(".+"));

Deno.test({
  name: "README: six commands on three terminals lead from nothing to a signature",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const commands = lines.filter((line) => /^\d\$ /.test(line));
    assert.ok(commands.length <= 6, `${commands.length} commands`);
    const before = Deno.cwd();
    const dir = await Deno.makeTempDir({ prefix: "quorate-first-" });
    const listen = `/ip4/127.0.0.1/tcp/${await freePort()}/ws`;
    const terminals = new Map<string, Terminal>();
    Deno.chdir(dir);
    try {
      for (const line of lines) {
        const [, place, mark, rest] = line.match(/^(\d)([$:>]) (.*)$/) ?? assert.fail(line);
        const terminal = terminals.get(place!);
        if (mark === "$") {
          assert.equal(await terminal?.ended ?? 0, 0, terminal?.command.sentences);
          terminals.set(place!, await started(rest!, listen));
        } else if (mark === ":") await terminal!.command.says(printed(rest!));
        else await terminal!.command.type(fourthWord(terminals.get("2")!.command));
      }
      const { command, ended } = terminals.get("3")!;
      assert.equal(await ended, 0, command.sentences);
      assert.match(command.out, /^[0-9a-f]{128}\n$/, "a signature, and nothing else");
    } finally {
      for (const { command, ended } of terminals.values()) {
        if (ended === null) await command.type("\x03");
        await (ended ?? command.ends());
      }
      Deno.chdir(before);
      await Deno.remove(dir, { recursive: true });
    }
  },
});

/** The word that is on the screen of whoever wants to join, and on no other. */
function fourthWord({ sentences }: Command): string {
  const [, word] = sentences.match(/\n {2}\S+ \S+ \S+ (\S+)\n/) ?? assert.fail(sentences);
  return word!;
}
