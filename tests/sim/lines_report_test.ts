import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import config from "../../deno.json" with { type: "json" };
import { epochCell, epochCellName, perLine } from "./epoch_plan.ts";
import { tenthName } from "./epochs.ts";
import { linesTable, rareInLines } from "./lines_report.ts";

/** The counts of so many lines of a seed, as it draws them. */
function drawn(seed: string, lines: number): Map<string, number> {
  const counts = new Map([[tenthName, lines]]);
  for (let line = 0; line < lines; line++) {
    for (let nth = 0; nth < perLine; nth++) {
      const name = epochCellName(epochCell(seed, line, nth));
      counts.set(name, 1 + (counts.get(name) ?? 0));
    }
  }
  return counts;
}

/** What the campaign runs of them. */
const { values: campaign } = parseArgs({
  args: config.tasks.campaign.split(" "),
  options: { "lines": { type: "string" }, "least-resharings": { type: "string" } },
  strict: false,
});
const [lines, least] = [Number(campaign.lines), Number(campaign["least-resharings"])];

Deno.test("the campaign has 5,000 resharings, and its lines are enough for what it asks of them", () => {
  assert.ok(lines * perLine >= 5_000, `${lines} lines`);
  assert.ok(least >= 15, `${least} times`);
  for (const seed of ["campaign", "another"]) {
    assert.deepEqual(rareInLines(drawn(seed, lines), { least, lines }), [], seed);
    assert.ok(
      rareInLines(drawn(seed, lines), { least: least + 3, lines }).length > 0,
      "more would be too many",
    );
  }
});

Deno.test("rareInLines() names every cell that is too rare, and lines that end too soon", () => {
  const counts = drawn("campaign", lines);
  const short = (name: string, count: number) =>
    rareInLines(new Map([...counts, [name, count]]), { least, lines });
  assert.deepEqual(short("reshare drop @ vote", least - 1), ["reshare drop @ vote"]);
  assert.deepEqual(short("reshare drop @ key offer", least / 3 - 1), ["reshare drop @ key offer"]);
  assert.deepEqual(short(tenthName, lines * 9 / 10 - 1), [tenthName]);
  counts.delete("reshare rival @ command");
  assert.deepEqual(rareInLines(counts, { least, lines }), ["reshare rival @ command"]);
  assert.deepEqual(rareInLines(new Map(), { least: 0, lines: 1 }), [], "one line alone is asked for nothing");
});

Deno.test("linesTable() shows how often a fault met a phase, and how far the lines came", () => {
  const table = linesTable(new Map([["reshare drop @ vote", 7], ["epoch 17", 2], [tenthName, 4]]));
  assert.match(table, /^ +drop( +·)* +7 +·$/m);
  assert.match(table, /^made: epoch 17 2; lines with ten epochs: 4$/m);
});
