/**
 * `deno task model`: the old rules lose a key, the new ones do not, and each rule that is taken out is missed. First the
 * commit of a new key, by spin, then the hand-over of a key to its next epoch, by the product's own code.
 * @module
 */
import { cases as handovers, look as lookAtHandover } from "./handover/cases.ts";
import { look, needSpin } from "./spin.ts";

interface Case {
  name: string;
  switches: string[];
  /** Whether a violation is to be found. */
  breaks: boolean;
  /** Whether to tell how it comes about. */
  told?: true;
}

const two = "SESSIONS=2";
const cases: Case[] = [
  {
    name: "old rules, a cheater (B1)",
    switches: ["OLD", "ONLY_QUORUM", "CHEATER=1", "ROLLBACKS=0"],
    breaks: true,
    told: true,
  },
  {
    name: "old rules, a rollback (B2)",
    switches: ["OLD", "ONLY_QUORUM", "CHEATER=0", "ROLLBACKS=1"],
    breaks: true,
    told: true,
  },
  { name: "new rules, a cheater and a rollback", switches: ["CHEATER=1"], breaks: false },
  { name: "new rules, all honest, a rollback", switches: ["CHEATER=0"], breaks: false },
  { name: "new rules, two sessions for one name", switches: ["CHEATER=1", two], breaks: false },
  {
    name: "unnoticed rollback, all honest: yes and no of an honest node",
    switches: ["UNNOTICED", "CHEATER=0"],
    breaks: true,
    told: true,
  },
  {
    name: "unnoticed rollback, all honest, but for that",
    switches: ["UNNOTICED", "CHEATER=0", "FRAMED"],
    breaks: false,
  },
  {
    name: "unnoticed rollback and a cheater: a share is erased",
    switches: ["UNNOTICED", "CHEATER=1", "FRAMED"],
    breaks: true,
    told: true,
  },
  {
    name: "unnoticed rollback and a cheater, noes erase nothing",
    switches: ["UNNOTICED", "CHEATER=1", "FRAMED", "NO_DELETE"],
    breaks: false,
  },
  {
    name: "the same, two sessions for one name",
    switches: ["UNNOTICED", "CHEATER=1", "FRAMED", "NO_DELETE", two],
    breaks: false,
  },
  ...[
    ["DELETE_ON_ONE_NO"],
    ["SAID_BEFORE_WRITTEN"],
    ["NO_COMPARE"],
    ["GIVEN_UP_SAYS_NO"],
    ["LOST_IS_NO"],
    ["NOT_AGAIN"],
    ["HEAL_ENDS"],
    ["TOLD_EARLY"],
    ["OPENED_LATE", "CHEATER=0"],
    ["LOST_FREES", two],
    ["FORGET_NO", two],
    ["EVICT", two],
  ].map((switches) => ({ name: `without a rule: ${switches[0]}`, switches, breaks: true })),
];

await needSpin();
let wrong = 0;
for (const { name, switches, breaks, told } of cases) {
  const { errors, states, depth, memory, seconds, story } = await look(switches, { shortest: told === true });
  const right = (errors > 0) === breaks;
  if (!right) wrong++;
  const found = errors > 0 ? "violated" : "holds";
  const size = `${states} states, depth ${depth}, ${seconds.toFixed(1)} s, ${memory.toFixed(0)} MB`;
  console.log(`${right ? "✓" : "✗"} ${name}: ${found}${breaks ? " (as it should be)" : ""}; ${size}`);
  if (told || !right) { for (const line of story) console.log(`    ${line}`); }
}
for (const one of handovers) {
  const { states, depth, disks, seconds, violation } = await lookAtHandover(one);
  const right = (violation !== null) === (one.breaks === true);
  if (!right) wrong++;
  const found = violation === null ? "holds" : "violated";
  const size = `${states} states, depth ${depth}, ${disks} disks, ${seconds.toFixed(1)} s`;
  console.log(`${right ? "✓" : "✗"} ${one.name}: ${found}${one.breaks ? " (as it should be)" : ""}; ${size}`);
  for (const line of violation ?? []) console.log(`    ${line}`);
}
console.log(`${cases.length + handovers.length - wrong} as expected, ${wrong} not`);
Deno.exit(wrong === 0 ? 0 : 1);
