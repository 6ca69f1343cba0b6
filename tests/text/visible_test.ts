import assert from "node:assert/strict";
import { print, printJson, printNote } from "../../src/cli/print.ts";
import { visible, visibleJson } from "../../src/text/visible.ts";

const hostile = "x\u001b[1A\u001b[2K\u009b2J\u202eyrusaert\u200b\u2066\ud83d\u2028\u{e0041}";
/** What must not reach a terminal; tabs and line ends are those of whoever prints. */
const control = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

Deno.test("visible() and visibleJson() leave nothing that moves a cursor or turns text round", () => {
  assert.ok(!control.test(visible(hostile)));
  assert.match(visible(hostile), /^x‹001B›\[1A/);
  const json = visibleJson(JSON.stringify({ wallet: hostile }));
  assert.ok(!control.test(json));
  assert.deepEqual(JSON.parse(json), { wallet: hostile }, "and it is the same JSON");
});

Deno.test("print(), printJson() and printNote() print what others have written without what cannot be seen", () => {
  const lines: string[] = [];
  const { log, error } = console;
  console.log = console.error = (line: string) => void lines.push(line);
  try {
    print("restored", hostile);
    printJson({ hostile });
    printNote(`one\n${hostile}`);
  } finally {
    Object.assign(console, { log, error });
  }
  assert.equal(lines.length, 3);
  for (const line of lines) assert.ok(!control.test(line.replace(/[\t\n]/g, "")), JSON.stringify(line));
  assert.deepEqual([lines[0]!.split("\t").length, lines[2]!.split("\n").length], [2, 2]);
});
