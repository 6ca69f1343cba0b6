import { ed25519 } from "@noble/curves/ed25519.js";
import assert from "node:assert/strict";
import { MemberResults } from "../../../src/cluster/commands/initiator/member_results.ts";
import { RemoteCommand } from "../../../src/cluster/commands/initiator/remote_command.ts";
import { type CommandOutcome, type Result, resultRecord } from "../../../src/cluster/commands/results.ts";
import type { Context } from "../../../src/cluster/events/event_context.ts";
import { EventLog } from "../../../src/cluster/events/event_log.ts";
import { factsOf } from "../../../src/cluster/events/session_facts.ts";
import { sendEvents } from "../../../src/cluster/links/gossip.ts";
import { type Command, commandRecord } from "../../../src/cluster/records/command.ts";
import { signRoster } from "../../../src/cluster/roster/roster.ts";
import { itemFacts } from "../../../src/cluster/records/items.ts";
import { ChannelError, type SessionError } from "../../../src/errors.ts";
import { isTerminal } from "../../../src/events.ts";
import { type FailureCode, failures } from "../../../src/failure.ts";
import { encodeCertificate } from "../../../src/keystore/key_certificate.ts";
import type { Channel, Identity, Vault } from "../../../src/ports.ts";
import { itemOf, verifySignature } from "../../../src/schemes/schemes.ts";
import type { EventBody } from "../../../src/session/plan.ts";
import { sign, type Signed } from "../../../src/session/signed.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { seededRandom } from "../../sim/cluster.ts";
import { stubIdentity } from "../../sim/identity.ts";
import { madeKey } from "../keys/made_key.ts";

const members = ["bob", "carol", "dave"] as const;
type Member = typeof members[number];
/** Bob coordinates. */
const coordinator = "bob";
const message = new TextEncoder().encode("ending");
const items = [itemOf("ed25519", { message })];
const secret = new Uint8Array(32).fill(7);
const attempts = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)] as const;

/** A stream to the coordinator, of which a test makes the other end. */
class CoordinatorStream implements Channel {
  readonly peer = coordinator;
  readonly protocol = "command";
  readonly #frames: (Uint8Array | null | ChannelError)[] = [];
  #wake = () => {};

  put(frame: Uint8Array | null | ChannelError): void {
    this.#frames.push(frame);
    this.#wake();
  }

  async receive(): Promise<Uint8Array | null> {
    while (this.#frames.length === 0) await new Promise<void>((resolve) => this.#wake = resolve);
    const next = this.#frames.shift()!;
    if (next instanceof ChannelError) throw next;
    return next;
  }

  send = () => Promise.resolve();
  end = () => Promise.resolve();
  abort() {}
}

/** A command of alice, who holds no share: bob coordinates it, and everything that others send is up to the test. */
class Asked {
  readonly clock = new VirtualClock();
  readonly stream = new CoordinatorStream();
  readonly connected = new Set<string>(members);
  readonly results: MemberResults;
  readonly eventLog: EventLog;
  readonly command: Command;
  readonly result: Promise<CommandOutcome>;
  /** Code and missing, `signed`, or null while there is neither; and when that was. */
  end: string | null = null;
  endedAt = NaN;

  private constructor(readonly identities: ReadonlyMap<string, Identity>, order: {
    command: Signed<Command>;
  }) {
    const identity = identities.get("alice")!;
    const { clock, stream, connected } = this;
    this.command = order.command.value;
    this.eventLog = new EventLog({ peer: "alice", boot: "00".repeat(8), clock });
    const context = {
      identity,
      clock,
      eventLog: this.eventLog,
      stopping: new AbortController().signal,
      network: { open: () => Promise.resolve(stream), connected: () => [...connected] },
      vault: { verify: verifySignature } as Pick<Vault, "verify">,
    } as unknown as Context;
    const key = { scheme: "ed25519", publicKey: ed25519.getPublicKey(secret), members };
    const keys = { withId: () => key } as never;
    const coordinator = this.command.coordinators[0]!;
    this.results = new MemberResults({ context, keys, command: this.command, items, coordinator });
    const remote = new RemoteCommand({
      context,
      keys,
      order: { ...order, items },
      coordinator,
      results: this.results,
    });
    this.result = remote.run(new Uint8Array(), new AbortController().signal);
    const ended = (end: string) => {
      this.end = end;
      this.endedAt = clock.monotonic();
    };
    this.result.then(() => ended("signed"), ({ code, missing }) => ended(`${code} ${missing}`));
  }

  static async begin(wanted: Partial<Command> = {}): Promise<Asked> {
    const random = seededRandom("ending");
    const identities = new Map<string, Identity>();
    for (const name of ["alice", ...members]) identities.set(name, await stubIdentity(random, name));
    const command = await sign<Command>(identities.get("alice")!, commandRecord, {
      id: random(16),
      cluster: "admin",
      kind: "sign",
      wallet: "treasury",
      scheme: "ed25519",
      keyId: random(32),
      epoch: 1,
      threshold: 0,
      members: [],
      dealers: [],
      gone: [],
      signers: [],
      ...itemFacts(items),
      note: "",
      reference: "",
      coordinators: [coordinator],
      created: VirtualClock.epoch,
      expires: VirtualClock.epoch + 60_000,
      ...wanted,
    });
    const asked = new Asked(identities, { command });
    await asked.clock.pass(1);
    return asked;
  }

  /** The coordinator says that it proposes a party, as it does before it invites. */
  async propose(attempt: Uint8Array, party: readonly string[] = members): Promise<void> {
    await this.#tell(attempt, { type: "proposed", party });
  }

  /** The coordinator says that its session has failed, and who broke the protocol. */
  async accuse(code: FailureCode, culprits: readonly Member[]): Promise<void> {
    const { remedy } = failures[code];
    const about = {
      remedy,
      key: "safe",
      phase: "exchanging",
      round: "share",
      missing: [],
      claims: [],
    } as const;
    await this.#tell(attempts[0], { type: "failed", code, culprits, ...about });
  }

  async #tell(attempt: Uint8Array, body: EventBody): Promise<void> {
    const identity = this.identities.get(coordinator)!;
    const log = new EventLog({ peer: coordinator, boot: "11".repeat(8), clock: this.clock });
    const facts = { ...factsOf("alice", this.command), attempt: attempt.toHex() };
    const event = log.emitSession(facts, body);
    const send = (frame: Uint8Array) => Promise.resolve(this.stream.put(frame));
    await sendEvents(
      { identity },
      { ...this.stream, send } as unknown as Channel,
      ReadableStream.from([event]),
    );
    await this.clock.pass(1);
  }

  /** The coordinator's process is gone. @param stays Its stream breaks, and it stays connected. */
  async kill({ stays = false } = {}): Promise<void> {
    if (!stays) this.connected.delete(coordinator);
    this.stream.put(new ChannelError("left"));
    await this.clock.pass(1);
  }

  /** A member sends its signed result. */
  async says(by: Member, outcome: Partial<Result>, attempt: Uint8Array = attempts[0]): Promise<void> {
    const result = { ...nothing, ...nobody, id: this.command.id, attempt, session: attempt, ...outcome };
    this.results.take(await sign(this.identities.get(by)!, resultRecord, result));
    await this.clock.pass(1);
  }

  /** Ms from now to the end. */
  async untilEnd(): Promise<number> {
    const from = this.clock.monotonic();
    await this.clock.until(this.result.catch(() => {}));
    return this.endedAt - from;
  }
}

const none = new Uint8Array();
const nothing = { signatures: [], certificate: none, code: null };
const nobody = { culprits: [], missing: [], claims: [], spoilt: [] };
const left = { code: "peer-left" as const, missing: [coordinator] };
const signed = { signatures: [ed25519.sign(message, secret)] };
const forged = { signatures: [new Uint8Array(64)] };
const peerLeft = `peer-left ${coordinator}`;

Deno.test("run() ends as soon as the coordinator is gone and every other member of the party has reported its end", async () => {
  for (const order of ["before", "after"] as const) {
    const asked = await Asked.begin();
    await asked.propose(attempts[0]);
    await asked.says("dave", left);
    if (order === "before") await asked.says("carol", left);
    await asked.kill();
    if (order === "after") {
      assert.equal(asked.end, null, "carol has not reported");
      await asked.says("carol", { code: "aborted-by-peer" });
    }
    assert.equal(asked.end, peerLeft, order);
  }
});

Deno.test("run() waits for a member that is silent, and blames nobody for it", async () => {
  const asked = await Asked.begin();
  await asked.propose(attempts[0]);
  await asked.kill();
  await asked.says("carol", left);
  assert.equal(asked.end, null);
  assert.ok(await asked.untilEnd() > 1_900);
  assert.equal(asked.end, peerLeft);
});

Deno.test("run() takes the signature of one member, whatever the others report before it", async () => {
  const asked = await Asked.begin();
  await asked.propose(attempts[0]);
  await asked.kill();
  await asked.says("carol", { code: "invalid-signature-share", culprits: ["dave"] });
  await asked.clock.pass(500);
  await asked.says("dave", signed);
  assert.equal(asked.end, "signed");
});

Deno.test("run() counts no success without its signature, and no report of a peer outside the party", async () => {
  const asked = await Asked.begin();
  await asked.propose(attempts[0], ["bob", "carol"]);
  await asked.kill();
  await asked.says("dave", left);
  await asked.says("carol", forged);
  await asked.clock.pass(500);
  assert.equal(asked.end, null);
  await asked.says("carol", left); // its first result of an attempt counts
  assert.equal(asked.end, null);
  await asked.untilEnd();
  assert.equal(asked.end, peerLeft);
});

Deno.test("run() ends by no report of an earlier attempt, and takes each member's of the later one", async () => {
  const asked = await Asked.begin();
  await asked.propose(attempts[0]);
  await asked.says("carol", left, attempts[0]);
  await asked.propose(attempts[1]);
  await asked.kill();
  await asked.says("dave", left, attempts[0]);
  await asked.clock.pass(500);
  assert.equal(asked.end, null, "the second attempt may still give a signature");
  await asked.says("carol", left, attempts[1]);
  assert.equal(asked.end, null);
  await asked.says("dave", left, attempts[1]);
  assert.equal(asked.end, peerLeft);
});

Deno.test("run() waits where it knows of no party, and where the party has nobody but its coordinator", async () => {
  for (const party of [null, [coordinator]]) {
    const asked = await Asked.begin();
    if (party) await asked.propose(attempts[0], party);
    await asked.says("carol", left);
    await asked.says("dave", left);
    await asked.kill();
    assert.equal(asked.end, null);
    assert.ok(await asked.untilEnd() > 1_900);
    assert.equal(asked.end, peerLeft);
  }
});

Deno.test("run() waits for a coordinator that is still connected: it may report too, or turn out to be gone", async () => {
  const reports = (asked: Asked) => asked.says(coordinator, { code: "round-timeout", missing: ["dave"] });
  const signs = (asked: Asked) => asked.says(coordinator, signed);
  const goes = async (asked: Asked) => {
    asked.connected.delete(coordinator);
    await asked.clock.pass(50);
  };
  for (const [then, end] of [[reports, "round-timeout dave"], [signs, "signed"], [goes, peerLeft]] as const) {
    const asked = await Asked.begin();
    await asked.propose(attempts[0]);
    await asked.kill({ stays: true });
    for (const by of ["carol", "dave"] as const) await asked.says(by, left);
    await asked.clock.pass(500);
    assert.equal(asked.end, null);
    await then(asked);
    await asked.untilEnd();
    assert.equal(asked.end, end);
  }
});

Deno.test("run() ends once: what members report afterwards changes nothing", async () => {
  const asked = await Asked.begin();
  await asked.propose(attempts[0]);
  await asked.kill();
  for (const by of ["carol", "dave"] as const) await asked.says(by, left);
  assert.equal(asked.end, peerLeft);
  const at = asked.endedAt;
  await asked.says("dave", signed, attempts[1]);
  await asked.says(coordinator, signed);
  await asked.clock.pass(5_000);
  assert.deepEqual([asked.end, asked.endedAt], [peerLeft, at]);
  assert.equal(asked.clock.waiting, 0, "nothing waits any more");
  const code = await asked.result.then(() => null, (error: SessionError) => error.code);
  assert.equal(code, "peer-left");
  assert.ok(!asked.eventLog.all.past().some(isTerminal));
});

Deno.test("run() shows the accusation of a coordinator as its claim, and no peer as a culprit by another's word", async () => {
  const code = "invalid-signature-share";
  const result = (asked: Asked) => asked.says(coordinator, { code, culprits: ["dave"] });
  const event = async (asked: Asked) => {
    await asked.accuse(code, ["dave"]);
    await asked.kill();
  };
  for (const tells of [result, event]) {
    const asked = await Asked.begin();
    await asked.propose(attempts[0]);
    await tells(asked);
    await asked.untilEnd();
    const error = await asked.result.then(() => assert.fail(), (thrown: SessionError) => thrown);
    const claims = [{ by: coordinator, code, peers: ["dave"] }];
    assert.deepEqual([error.code, error.culprits, error.claims], ["aborted-by-peer", [], claims]);
  }
});

/** What a member reports of a key, and who has voted for it in the place of whom. */
async function keyOf(asked: Asked, voters: readonly string[]): Promise<Partial<Result>> {
  const identity = (name: string) => asked.identities.get(name)!;
  const peers = ["alice", ...members].map((name) => ({ peer: name, name, addresses: [], rights: [] }));
  const row = await madeKey({
    roster: await signRoster(identity("alice"), peers, null),
    by: identity("alice"),
    members: members.map(identity),
    voters: voters.map(identity),
  });
  return { session: row.session, certificate: encodeCertificate(row) };
}

Deno.test("run() tells of a key as pending if a member shows the votes of all, and of none by a member's word", async () => {
  const generate = { kind: "generate" as const, keyId: none, ...itemFacts([]), threshold: 2 };
  const reports = [
    [["bob", "carol", "dave"], "wallet-pending bob,carol", true],
    [["carol", "carol", "dave"], peerLeft, false], // without the vote of bob
  ] as const;
  for (const [voters, end, isProven] of reports) {
    const asked = await Asked.begin({ ...generate, members: [...members] });
    await asked.propose(attempts[0]);
    await asked.kill();
    await asked.says("carol", { code: "wallet-pending", missing: ["dave"] });
    assert.equal(asked.end, null);
    await asked.says("dave", await keyOf(asked, voters));
    assert.equal(asked.end, isProven ? end : null);
    await asked.untilEnd();
    assert.equal(asked.end, end);
  }
});
