import assert from "node:assert/strict";
import {
  formatInvitation,
  InputError,
  InvitationError,
  memoryStore,
  type PeerId,
  type Roster,
  signRoster,
  type Store,
} from "../../mod.ts";
import type { Tab } from "../../src/browser.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { storedIdentity } from "../../src/identity/stored_identity.ts";
import { platformRandom as random } from "../../src/platform/platform.ts";
import { openBackup } from "../../src/node/restore.ts";
import { sealBackup } from "../../src/keystore/backup.ts";
import { formatRoster, type Identity } from "../../mod.ts";
import { type Door, door, type DoorPorts, type DoorState, type Entered } from "../../web/holder/door.ts";
import { places } from "../../web/holder/places.ts";

const passphrase = "correct horse battery";
const how = { name: "Ada", lock: { passphrase } };
const admin = await newIdentity(random);
const invitation = formatInvitation({
  cluster: admin.peer,
  peer: admin.peer,
  addresses: ["/memory/0"],
  token: new Uint8Array(16),
});
const link = { wish: "hold", invitation } as const;
const rosterWith = (peer: PeerId): Promise<Roster> =>
  signRoster(admin, [{ peer, name: "Ada", addresses: [], rights: ["holder", "initiator"] }], null);

/** A browser: its databases outlive its tabs, and one of those at a time is active. */
function browser() {
  const disks = new Map<string, Store>();
  const claimed = new Map<string, PromiseWithResolvers<void>>();
  const disk = (name: string): Store => {
    if (!disks.has(name)) disks.set(name, memoryStore());
    return { ...disks.get(name)!, close: () => Promise.resolve() };
  };
  const databases = {
    open: (name: string) => Promise.resolve(disk(name)),
    remove: (name: string) => Promise.resolve(void disks.delete(name)),
    identity: (name: string) =>
      storedIdentity({
        open: () => Promise.resolve(disk(name)),
        random,
        passkeys: {
          create: () => Promise.reject(new Error("none")),
          recipient: () => ({ wrapFileKey: () => Promise.reject(new Error("none")) }),
          identity: () => ({ unwrapFileKey: () => Promise.reject(new Error("none")) }),
        },
        workFactor: 2,
      }),
  };
  return {
    disks,
    places: places(databases),
    /** Opens a tab. */
    tab(more: Partial<DoorPorts<string>> = {}) {
      const seen: DoorState[] = [];
      const entered: Entered<string>[] = [];
      const claims: Tab[] = [];
      const mine = door<string>({
        places: places(databases),
        claim(name) {
          const before = claimed.get(name);
          const freed = Promise.withResolvers<void>();
          claimed.set(name, freed);
          let active = before === undefined;
          const tab: Tab = {
            get active() {
              return active;
            },
            turn: Promise.resolve(before?.promise).then(() => void (active = true)),
            [Symbol.dispose]() {
              if (claimed.get(name) === freed) claimed.delete(name);
              freed.resolve();
            },
          };
          claims.push(tab);
          return Promise.resolve(tab);
        },
        join: (_invitation, identity) => rosterWith(identity.peer),
        openBackup,
        restoreBackup: (backup, { store, identity, ...keeping }) =>
          backup.restore({ store, random, keep: (whose) => identity.prepare(whose, keeping) }),
        start: ({ identity }) => Promise.resolve(identity.peer),
        changed: (state) => void seen.push(state),
        entered: (one) => void entered.push(one),
        ...more,
      });
      /** Closes the tab. */
      const release = () => claims.forEach((tab) => tab[Symbol.dispose]());
      return { door: mine, seen, entered, release };
    },
  };
}
const stateOf = (door: Door): DoorState => door.state;
const problem = (state: DoorState) => "problem" in state ? state.problem : null;

Deno.test("door() without anything kept explains, and refuses what is no invitation", async () => {
  const { door } = browser().tab();
  await door.begin(null);
  assert.deepEqual(door.state, { at: "welcome", problem: null });
  await door.begin({ wish: "hold", invitation: "nonsense" });
  assert.equal(problem(door.state)?.field, "invitation");
});

Deno.test("door() lets in by an invitation, and by the lock alone from then on", async () => {
  const { tab, places } = browser();
  const first = tab({
    join(_invitation, identity, { waiting }) {
      waiting(["a", "b", "c", "d"]);
      return rosterWith(identity.peer);
    },
  });
  await first.door.begin(link);
  assert.equal(first.door.state.at, "enrol");
  await first.door.enrol(how);
  assert.ok(first.seen.some((state) => state.at === "asking" && state.words?.join("") === "abcd"));
  assert.equal(first.door.state.at, "in");
  const [{ node: peer, kept, joined, tab: held }] = first.entered as [Entered<string>];
  assert.deepEqual([kept.peer, kept.name, joined], [peer, "Ada", true]);
  assert.equal((await places.of(admin.peer).roster())?.version, 1);
  held[Symbol.dispose]();

  const second = tab();
  await second.door.begin(null);
  assert.equal(second.door.state.at, "unlock");
  await second.door.unlock({ passphrase: "incorrect horse" });
  assert.equal(problem(second.door.state)?.field, "passphrase");
  await second.door.unlock({ passphrase });
  assert.deepEqual(second.entered.map(({ node, joined }) => [node, joined]), [[peer, false]]);
});

Deno.test("door() has whoever was not let in ask again as the same peer, under the lock chosen last", async () => {
  const { tab } = browser();
  const asked: PeerId[] = [];
  const first = tab({
    join(_invitation, identity) {
      asked.push(identity.peer);
      return asked.length === 1
        ? Promise.reject(new InputError("invitation", "said no"))
        : rosterWith(identity.peer);
    },
  });
  await first.door.begin(link);
  await first.door.enrol(how);
  assert.equal(first.door.state.at, "enrol");
  assert.match(problem(first.door.state)!.text, /said no/);
  await first.door.enrol({ name: "Eve", lock: { passphrase: "another horse" } });
  assert.equal(asked[0], asked[1]);
  assert.equal(first.entered[0]!.kept.name, "Eve");
  first.entered[0]!.tab[Symbol.dispose]();
  const second = tab();
  await second.door.begin(null);
  await second.door.unlock({ passphrase: "another horse" });
  assert.equal(second.entered[0]!.node, asked[0]);
});

Deno.test("door() keeps the name that was typed by whoever was not let in, and can begin anew after a reload", async () => {
  const { tab, places } = browser();
  const no = () => Promise.reject(new InvitationError("declined", "said no"));
  const first = tab({ join: no });
  await first.door.begin(link);
  await first.door.enrol(how);
  const { state } = first.door;
  assert.ok(state.at === "enrol" && state.name === "Ada");
  assert.match(state.problem!.text, /said no\. Talk to them, then ask again.*After three noes/);
  const asked: string[] = [];
  const second = tab({
    join(_invitation, identity, { name }) {
      asked.push(name);
      return rosterWith(identity.peer);
    },
  });
  first.release();
  await second.door.begin(link);
  assert.ok(stateOf(second.door).at === "unlock");
  assert.ok("stranger" in second.door.state && second.door.state.stranger);
  await second.door.startOver();
  assert.equal(stateOf(second.door).at, "enrol");
  assert.equal(await places.of(admin.peer).identity.look(), null);
  await second.door.enrol({ ...how, name: "Grace" });
  assert.deepEqual([asked, second.door.state.at], [["Grace"], "in"]);
});

Deno.test("door() never forgets an identity that was let in by starting over", async () => {
  const { tab, places } = browser();
  const first = tab();
  await first.door.begin(link);
  await first.door.enrol(how);
  first.release();
  const second = tab();
  await second.door.begin(link);
  assert.ok(second.door.state.at === "unlock" && !second.door.state.stranger);
  await second.door.startOver();
  assert.equal(second.door.state.at, "unlock");
  assert.notEqual(await places.of(admin.peer).identity.look(), null);
});

Deno.test("door() refuses a name before it makes a key, and a person can stop asking", async () => {
  const { tab, places } = browser();
  const { door } = tab({
    join: (_invitation, _identity, { signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  });
  await door.begin(link);
  await door.enrol({ ...how, name: "a\u202eb" });
  assert.equal(problem(door.state)?.field, "name");
  assert.equal(await places.of(admin.peer).identity.look(), null);
  const asking = door.enrol(how);
  while (door.state.at !== "asking") await new Promise((next) => setTimeout(next, 1));
  door.giveUp();
  await asking;
  assert.deepEqual(door.state, { at: "enrol", name: "Ada", busy: false, problem: null });
});

Deno.test("door() asks again with the identity that is kept when a page was closed while it waited", async () => {
  const { tab, places } = browser();
  const { peer } = await places.of(admin.peer).identity.create(how);
  const { door, entered } = tab();
  await door.begin(link);
  assert.equal(door.state.at, "unlock");
  await door.unlock({ passphrase });
  assert.deepEqual(entered.map(({ node, joined }) => [node, joined]), [[peer, true]]);
});

Deno.test("door() has a second tab wait until the first is closed", async () => {
  const { tab } = browser();
  const first = tab();
  await first.door.begin(link);
  await first.door.enrol(how);
  const second = tab();
  await second.door.begin(null);
  assert.equal(second.door.state.at, "elsewhere");
  await second.door.unlock({ passphrase });
  assert.equal(second.door.state.at, "elsewhere", "it does nothing");
  first.entered[0]!.tab[Symbol.dispose]();
  while (stateOf(second.door).at !== "unlock") await new Promise((next) => setTimeout(next, 1));
  await second.door.unlock({ passphrase });
  assert.equal(second.entered.length, 1);
});

Deno.test("door() lets choose where a browser is in several clusters", async () => {
  const { tab, places } = browser();
  const other = await newIdentity(random);
  for (const key of [admin, other]) {
    const place = places.of(key.peer);
    const { peer } = await place.identity.create({ ...how, name: `of ${key.peer}` });
    const entry = { peer, name: "Ada", addresses: [], rights: ["holder"] as const };
    await place.keepRoster(await signRoster(key, [entry], null));
  }
  const { door } = tab();
  await door.begin(null);
  const choice = stateOf(door);
  assert.ok(choice.at === "choose" && choice.kept.length === 2);
  await door.choose(other.peer);
  const chosen = stateOf(door);
  assert.ok(chosen.at === "unlock" && chosen.kept.name === `of ${other.peer}`);
});

/** What a peer's backup would be, with a work factor for tests. */
async function backupOf(identity: Identity) {
  const roster = formatRoster(await rosterWith(identity.peer));
  const rest = { cluster: admin.peer, roster, created: 1, rows: new Map<string, Uint8Array>() };
  return await sealBackup({ peer: identity.peer, secrets: identity.secrets(), ...rest }, passphrase, {
    workFactor: 10,
  });
}

Deno.test("door() makes a browser the peer of a backup, with a lock of its own", async () => {
  const { tab, places } = browser();
  const lost = await newIdentity(random);
  const file = await backupOf(lost);
  const { door, entered } = tab();
  await door.begin(null);
  await door.wantRestore(true);
  await door.restore({ ...how, file, opens: "incorrect horse" });
  assert.equal(problem(door.state)?.field, "passphrase");
  await door.restore({ ...how, file: Uint8Array.of(1), opens: passphrase });
  assert.equal(problem(door.state)?.field, "backup");
  assert.deepEqual(await places.all(), [], "nothing is half restored");
  await door.restore({ ...how, file, opens: passphrase });
  assert.deepEqual(entered.map(({ node, restored }) => [node, restored]), [[lost.peer, []]]);
  assert.equal((await places.of(admin.peer).identity.look())?.peer, lost.peer);
});

Deno.test("places() keep the newest roster, and erase all that is a cluster's", async () => {
  const { places, disks } = browser();
  const place = places.of(admin.peer);
  const { peer } = await place.identity.create(how);
  const first = await rosterWith(peer);
  const second = await signRoster(admin, first.peers, first);
  await place.keepRoster(second);
  await place.keepRoster(first);
  assert.equal((await place.roster())?.version, 2);
  await (await place.store()).swap("a", null, Uint8Array.of(1));
  await place.erase();
  assert.deepEqual(await places.all(), []);
  assert.equal(await place.identity.look(), null);
  assert.deepEqual(await (await place.store()).names(""), []);
  assert.ok(disks.size > 0);
});
