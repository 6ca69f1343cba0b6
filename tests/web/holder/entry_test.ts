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
} from "../../../mod.ts";
import type { Tab } from "../../../src/browser.ts";
import { newIdentity } from "../../../src/identity/identity.ts";
import { storedIdentity } from "../../../src/identity/stored_identity.ts";
import { platformRandom as random } from "../../../src/platform/platform.ts";
import { openBackup } from "../../../src/node/restore.ts";
import { sealBackup } from "../../../src/keystore/backup/backup.ts";
import { formatRoster, type Identity } from "../../../mod.ts";
import { Entry, type EntryPorts, type EntryState, type RunningHolder } from "../../../web/holder/entry.ts";
import { profiles } from "../../../web/holder/profiles.ts";

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
    profiles: profiles(databases),
    /** Opens a tab. */
    tab(more: Partial<EntryPorts<string>> = {}) {
      const seen: EntryState[] = [];
      const entered: RunningHolder<string>[] = [];
      const claims: Tab[] = [];
      const entry = new Entry<string>({
        profiles: profiles(databases),
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
        onChange: (state) => void seen.push(state),
        onRunning: (one) => void entered.push(one),
        ...more,
      });
      /** Closes the tab. */
      const release = () => claims.forEach((tab) => tab[Symbol.dispose]());
      return { entry, seen, entered, release };
    },
  };
}
const stateOf = (entry: Entry<string>): EntryState => entry.state;
const problem = (state: EntryState) => "problem" in state ? state.problem : null;

Deno.test("Entry without anything kept explains, and refuses what is no invitation", async () => {
  const { entry } = browser().tab();
  await entry.begin(null);
  assert.deepEqual(entry.state, { at: "welcome", problem: null });
  await entry.begin({ wish: "hold", invitation: "nonsense" });
  assert.equal(problem(entry.state)?.field, "invitation");
});

Deno.test("Entry lets in by an invitation, and by the lock alone from then on", async () => {
  const { tab, profiles } = browser();
  const first = tab({
    join(_invitation, identity, { waiting }) {
      waiting(["a", "b", "c", "d"]);
      return rosterWith(identity.peer);
    },
  });
  await first.entry.begin(link);
  assert.equal(first.entry.state.at, "enrol");
  await first.entry.enrol(how);
  assert.ok(first.seen.some((state) => state.at === "asking" && state.words?.join("") === "abcd"));
  assert.equal(first.entry.state.at, "running");
  const [{ node: peer, kept, joined, tab: held }] = first.entered as [RunningHolder<string>];
  assert.deepEqual([kept.peer, kept.name, joined], [peer, "Ada", true]);
  assert.equal((await profiles.of(admin.peer).roster())?.version, 1);
  held[Symbol.dispose]();

  const second = tab();
  await second.entry.begin(null);
  assert.equal(second.entry.state.at, "unlock");
  await second.entry.unlock({ passphrase: "incorrect horse" });
  assert.equal(problem(second.entry.state)?.field, "passphrase");
  await second.entry.unlock({ passphrase });
  assert.deepEqual(second.entered.map(({ node, joined }) => [node, joined]), [[peer, false]]);
});

Deno.test("Entry has whoever was not let in ask again as the same peer, under the lock chosen last", async () => {
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
  await first.entry.begin(link);
  await first.entry.enrol(how);
  assert.equal(first.entry.state.at, "enrol");
  assert.match(problem(first.entry.state)!.text, /said no/);
  await first.entry.enrol({ name: "Eve", lock: { passphrase: "another horse" } });
  assert.equal(asked[0], asked[1]);
  assert.equal(first.entered[0]!.kept.name, "Eve");
  first.entered[0]!.tab[Symbol.dispose]();
  const second = tab();
  await second.entry.begin(null);
  await second.entry.unlock({ passphrase: "another horse" });
  assert.equal(second.entered[0]!.node, asked[0]);
});

Deno.test("Entry keeps the name that was typed by whoever was not let in, and can begin anew after a reload", async () => {
  const { tab, profiles } = browser();
  const no = () => Promise.reject(new InvitationError("declined", "said no"));
  const first = tab({ join: no });
  await first.entry.begin(link);
  await first.entry.enrol(how);
  const { state } = first.entry;
  assert.ok(state.at === "enrol" && state.name === "Ada");
  assert.match(state.problem!.text, /said no\. Talk to them, then ask again.*After three refusals/);
  const asked: string[] = [];
  const second = tab({
    join(_invitation, identity, { name }) {
      asked.push(name);
      return rosterWith(identity.peer);
    },
  });
  first.release();
  await second.entry.begin(link);
  assert.ok(stateOf(second.entry).at === "unlock");
  assert.ok("admitted" in second.entry.state && !second.entry.state.admitted);
  await second.entry.startOver();
  assert.equal(stateOf(second.entry).at, "enrol");
  assert.equal(await profiles.of(admin.peer).identity.look(), null);
  await second.entry.enrol({ ...how, name: "Grace" });
  assert.deepEqual([asked, second.entry.state.at], [["Grace"], "running"]);
});

Deno.test("Entry never forgets an identity that was let in by starting over", async () => {
  const { tab, profiles } = browser();
  const first = tab();
  await first.entry.begin(link);
  await first.entry.enrol(how);
  first.release();
  const second = tab();
  await second.entry.begin(link);
  assert.ok(second.entry.state.at === "unlock" && second.entry.state.admitted);
  await second.entry.startOver();
  assert.equal(second.entry.state.at, "unlock");
  assert.notEqual(await profiles.of(admin.peer).identity.look(), null);
});

Deno.test("Entry refuses a name before it makes a key, and a person can stop asking", async () => {
  const { tab, profiles } = browser();
  const { entry } = tab({
    join: (_invitation, _identity, { signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  });
  await entry.begin(link);
  await entry.enrol({ ...how, name: "a\u202eb" });
  assert.equal(problem(entry.state)?.field, "name");
  assert.equal(await profiles.of(admin.peer).identity.look(), null);
  const asking = entry.enrol(how);
  while (entry.state.at !== "asking") await new Promise((next) => setTimeout(next, 1));
  entry.giveUp();
  await asking;
  assert.deepEqual(entry.state, { at: "enrol", name: "Ada", busy: false, problem: null });
});

Deno.test("Entry asks again with the identity that is kept when a page was closed while it waited", async () => {
  const { tab, profiles } = browser();
  const { peer } = await profiles.of(admin.peer).identity.create(how);
  const { entry, entered } = tab();
  await entry.begin(link);
  assert.equal(entry.state.at, "unlock");
  await entry.unlock({ passphrase });
  assert.deepEqual(entered.map(({ node, joined }) => [node, joined]), [[peer, true]]);
});

Deno.test("Entry has a second tab wait until the first is closed", async () => {
  const { tab } = browser();
  const first = tab();
  await first.entry.begin(link);
  await first.entry.enrol(how);
  const second = tab();
  await second.entry.begin(null);
  assert.equal(second.entry.state.at, "elsewhere");
  await second.entry.unlock({ passphrase });
  assert.equal(second.entry.state.at, "elsewhere", "it does nothing");
  first.entered[0]!.tab[Symbol.dispose]();
  while (stateOf(second.entry).at !== "unlock") await new Promise((next) => setTimeout(next, 1));
  await second.entry.unlock({ passphrase });
  assert.equal(second.entered.length, 1);
});

Deno.test("Entry lets choose where a browser is in several clusters", async () => {
  const { tab, profiles } = browser();
  const other = await newIdentity(random);
  for (const key of [admin, other]) {
    const profile = profiles.of(key.peer);
    const { peer } = await profile.identity.create({ ...how, name: `of ${key.peer}` });
    const entry = { peer, name: "Ada", addresses: [], rights: ["holder"] as const };
    await profile.keepRoster(await signRoster(key, [entry], null));
  }
  const { entry } = tab();
  await entry.begin(null);
  const choice = stateOf(entry);
  assert.ok(choice.at === "choose" && choice.kept.length === 2);
  await entry.choose(other.peer);
  const chosen = stateOf(entry);
  assert.ok(chosen.at === "unlock" && chosen.kept.name === `of ${other.peer}`);
});

/** A peer's backup, with a work factor for tests. */
async function backupOf(identity: Identity) {
  const roster = formatRoster(await rosterWith(identity.peer));
  const rest = { cluster: admin.peer, roster, created: 1, rows: new Map<string, Uint8Array>() };
  return await sealBackup({ peer: identity.peer, secrets: identity.secrets(), ...rest }, passphrase, {
    workFactor: 10,
  });
}

Deno.test("Entry makes a browser the peer of a backup, with a lock of its own", async () => {
  const { tab, profiles } = browser();
  const lost = await newIdentity(random);
  const file = await backupOf(lost);
  const { entry, entered } = tab();
  await entry.begin(null);
  await entry.wantRestore(true);
  await entry.restore({ ...how, file, opens: "incorrect horse" });
  assert.equal(problem(entry.state)?.field, "passphrase");
  await entry.restore({ ...how, file: Uint8Array.of(1), opens: passphrase });
  assert.equal(problem(entry.state)?.field, "backup");
  assert.deepEqual(await profiles.all(), [], "nothing is half restored");
  await entry.restore({ ...how, file, opens: passphrase });
  assert.deepEqual(entered.map(({ node, restored }) => [node, restored]), [[lost.peer, []]]);
  assert.equal((await profiles.of(admin.peer).identity.look())?.peer, lost.peer);
});

Deno.test("profiles() keep the newest roster, and erase all that is a cluster's", async () => {
  const { profiles, disks } = browser();
  const profile = profiles.of(admin.peer);
  const { peer } = await profile.identity.create(how);
  const first = await rosterWith(peer);
  const second = await signRoster(admin, first.peers, first);
  await profile.keepRoster(second);
  await profile.keepRoster(first);
  assert.equal((await profile.roster())?.version, 2);
  await (await profile.store()).swap("a", null, Uint8Array.of(1));
  await profile.erase();
  assert.deepEqual(await profiles.all(), []);
  assert.equal(await profile.identity.look(), null);
  assert.deepEqual(await (await profile.store()).names(""), []);
  assert.ok(disks.size > 0);
});
