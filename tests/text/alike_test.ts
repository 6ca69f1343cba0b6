import assert from "node:assert/strict";
import { alikeTo } from "../../src/text/alike.ts";

const alike: readonly (readonly [string, string])[] = [
  ["treasury", "Treasury"],
  ["treasury", "TREASURY"],
  ["treasury", "trеasury"], // a Cyrillic е
  ["TREASURY", "ТRЕАЅURY"], // Cyrillic Т, Е, А and Ѕ
  ["coop", "соор"], // Cyrillic throughout
  ["Alice", "Aliсe"],
  ["BANK", "ΒΑΝΚ"], // Greek throughout
  ["treasury", "ｔｒｅａｓｕｒｙ"],
  ["treasury", "𝐭𝐫𝐞𝐚𝐬𝐮𝐫𝐲"],
  ["wallet 1", "wallet l"],
  ["wallet 1", "wallet I"],
  ["cold 0", "cold O"],
  ["modern", "modem"],
  ["vvest", "west"],
  ["Straße", "STRASSE"],
  ["ﬁrm", "firm"],
  ["ΣΊΣΥΦΟΣ", "σίσυφος"],
];
const apart: readonly (readonly [string, string])[] = [
  ["treasury", "treasury 2"],
  ["treasury-1", "treasury-2"],
  ["Trésor", "Tresor"],
  ["Alice", "Alicia"],
  ["李小龍", "李小龙"],
  ["🦊", "🦊🦊"],
  ["wallet 1", "wallet 11"],
  ["дом", "dom"],
];

Deno.test("alikeTo() knows a name that a person would take for another, both ways round", () => {
  for (const [one, other] of alike) {
    assert.ok(alikeTo(one)(other), `${one} and ${other}`);
    assert.ok(alikeTo(other)(one), `${other} and ${one}`);
    assert.ok(alikeTo(one)(one));
  }
});

Deno.test("alikeTo() leaves names apart that look different", () => {
  for (const [one, other] of apart) assert.ok(!alikeTo(one)(other), `${one} and ${other}`);
});
