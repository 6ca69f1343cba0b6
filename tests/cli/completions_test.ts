import assert from "node:assert/strict";
import type { CommandDef } from "citty";
import { completionScript } from "../../src/cli/arguments/completions.ts";
import { quorate as root } from "../../src/cli/program.ts";
import { quorate } from "./program.ts";

/** The words that bash offers for a line, whose last word is being typed. */
async function offered(script: string, line: string[]): Promise<string[]> {
  const ask = `${script}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _quorate; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["--norc", "-c", ask, "bash", "quorate", ...line],
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).split("\n").filter((word) => word !== "");
}

Deno.test("quorate completions bash completes commands, flags and choices, and leaves files to the shell", async () => {
  const { code, out: script } = await quorate("completions", "bash");
  assert.equal(code, 0);
  const commands = Object.keys(root.subCommands!);
  assert.deepEqual(await offered(script, [""]), commands);
  assert.deepEqual(await offered(script, ["ro"]), ["roster"]);
  assert.deepEqual(await offered(script, ["--"]), ["--help", "--version"]);
  assert.deepEqual(await offered(script, ["keys", "un"]), ["unfreeze"]);
  assert.deepEqual(await offered(script, ["keys", "list", "--"]), ["--json", "--ask", "--help"]);
  assert.deepEqual(await offered(script, ["keys", "list", "node.json", "--j"]), ["--json"]);
  assert.deepEqual(await offered(script, ["run", "node.json", "--admit", ""]), ["ask", "always"]);
  assert.deepEqual(await offered(script, ["link", "file", "--wish", "w"]), ["watch"]);
  for (const files of [["run", ""], ["run", "node.json", "--invite", ""], ["keys", "list", "no"]]) {
    assert.deepEqual(await offered(script, files), [], `files for ${files.join(" ")}`);
  }
  assert.match(script, /^complete -o default /m);
});

Deno.test("quorate completions bash evaluates nothing of what is typed", async () => {
  const { out: script } = await quorate("completions", "bash");
  const dir = await Deno.makeTempDir();
  for (const typed of [`$(touch ${dir}/a)`, `\`touch ${dir}/a\``, `; touch ${dir}/a`]) {
    await offered(script, [typed]);
    await offered(script, ["run", typed, ""]);
    await offered(script, ["run", "--admit", typed]);
  }
  assert.deepEqual([...Deno.readDirSync(dir)], []);
  await Deno.remove(dir);
});

Deno.test("completionScript() for zsh is that for bash with its emulation, and for fish has every command and flag", async () => {
  const [bash, zsh, fish] = await Promise.all(
    (["bash", "zsh", "fish"] as const).map((shell) => completionScript(root as CommandDef, "quorate", shell)),
  );
  assert.equal(zsh, `autoload -U +X bashcompinit && bashcompinit\n${bash}`);
  const lines = fish!.split("\n").filter((line) => line.startsWith("complete -c quorate "));
  const has = (text: string) => assert.ok(lines.some((line) => line.includes(text)), text);
  for (const name of Object.keys(root.subCommands!)) has(`-n '__quorate_next' -f -a ${name} -d '`);
  has("-n '__quorate_next keys' -f -a unfreeze -d '");
  has("-n '__quorate_at keys list' -l json -d 'print JSON'");
  has("-n '__quorate_at run' -l admit -d 'a person decides who may join, or everybody may");
  has(" -x -a 'ask always'");
  for (const line of lines) assert.equal(line.split("'").length % 2, 1, `${line} closes its quotes`);
});

Deno.test("quorate completions refuses a shell that it does not know", async () => {
  const { code, sentence } = await quorate("completions", "tcsh");
  assert.deepEqual([code, sentence], [2, "shell: expected bash, zsh, fish, found “tcsh”"]);
});
