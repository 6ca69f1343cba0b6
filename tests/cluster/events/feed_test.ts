import assert from "node:assert/strict";
import fc from "fast-check";
import { Feed } from "../../../src/cluster/events/feed.ts";

interface Item {
  type: string;
  n: number;
  code?: string;
  id?: string | null;
  via?: string | null;
  count?: number;
  dropped?: number;
}
const view = () => ({ peer: "alice", boot: "00".repeat(8), seq: 3, at: 1 });
const any = (item: Item): item is Item => item !== null;
const item = (type: string, n = 0): Item =>
  type === "warning" ? { type, n, code: "unauthentic-frame", id: null, via: "x", count: 1 } : { type, n };

async function read(stream: ReadableStream<unknown>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const one of stream) items.push(one as Item);
  return items;
}

Deno.test("Feed gives each reader everything, in order, from the first item on, and then ends", async () => {
  const feed = new Feed<Item>({ history: 8, behind: 8, view });
  feed.publish(item("phase", 1));
  const early = feed.stream(any);
  feed.publish(item("phase", 2));
  const late = feed.stream(any);
  feed.publish(item("done", 3));
  feed.close();
  for (const stream of [early, late, feed.stream(any)]) {
    assert.deepEqual((await read(stream)).map(({ n }) => n), [1, 2, 3]);
  }
});

Deno.test("Feed publishes nothing after it is closed, and never throws", async () => {
  const feed = new Feed<Item>({ history: 8, behind: 8, view });
  const stream = feed.stream(any);
  feed.close();
  feed.publish(item("failed"));
  feed.close();
  assert.deepEqual(await read(stream), []);
});

Deno.test("Feed loses heard first, then rounds, then other items, never an end, and says how many", async () => {
  const feed = new Feed<Item>({ history: 4, behind: 4, view });
  const asleep = feed.stream(any);
  for (
    const [n, type] of ["heard", "round", "phase", "heard", "phase", "phase", "phase", "failed"].entries()
  ) {
    feed.publish(item(type, n));
  }
  feed.close();
  const [lagged, ...rest] = await read(asleep);
  assert.deepEqual(lagged, { type: "lagged", dropped: 4, ...view() });
  assert.deepEqual(rest.map(({ type }) => type), ["phase", "phase", "phase", "failed"]);
});

Deno.test("Feed melts warnings of one code into one that counts", async () => {
  const feed = new Feed<Item>({ history: 4, behind: 4, view });
  const asleep = feed.stream(any);
  for (let i = 0; i < 10_000; i++) feed.publish(item("warning", i));
  feed.publish(item("failed"));
  feed.close();
  const read_ = await read(asleep);
  const counted = read_.reduce((sum, one) => sum + (one.count ?? 0), 0);
  const dropped = read_.reduce((sum, one) => sum + (one.dropped ?? 0), 0);
  assert.equal(counted + dropped, 10_000, "every one of them is counted, or counted as lost");
  assert.equal(read_.at(-1)!.type, "failed");
});

Deno.test("Feed: cancelling one stream ends nothing but that stream", async () => {
  const feed = new Feed<Item>({ history: 8, behind: 8, view });
  const [one, other] = [feed.stream(any), feed.stream(any)];
  const reader = one.getReader();
  const pending = reader.read();
  await reader.cancel();
  assert.equal((await pending).done, true);
  feed.publish(item("failed", 1));
  feed.close();
  assert.deepEqual((await read(other)).map(({ n }) => n), [1]);
});

Deno.test("Feed: a stream that nobody reads keeps nobody waiting, and its memory is bounded", () => {
  const feed = new Feed<Item>({ history: 16, behind: 16, view });
  const asleep = Array.from({ length: 10 }, () => feed.stream(any));
  for (let n = 0; n < 100_000; n++) feed.publish(item(n % 2 ? "heard" : "warning", n));
  assert.ok(feed.past().length <= 16);
  feed.close();
  assert.equal(asleep.length, 10);
});

Deno.test("Feed keeps no more of the past than it is told to, failures or not", () => {
  const feed = new Feed<Item>({ history: 8, behind: 8, view });
  for (let n = 0; n < 1_000; n++) feed.publish(item(n % 2 ? "done" : "failed", n));
  assert.equal(feed.past().length, 8);
  assert.ok(feed.past().every(({ n }) => n > 900), "the newest of the failures");
});

Deno.test("Feed never loses a failure, whatever else it is told", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("heard", "round", "phase", "warning", "failed", "done"), { maxLength: 60 }),
      fc.integer({ min: 1, max: 6 }),
      async (types, behind) => {
        const feed = new Feed<Item>({ history: behind, behind, view });
        const asleep = feed.stream(any);
        types.forEach((type, n) => feed.publish(item(type, n)));
        feed.close();
        const came = await read(asleep);
        const ends = (items: readonly { type: string }[]) =>
          items.filter(({ type }) => type === "failed").length;
        assert.equal(ends(came), ends(types.map((type) => ({ type }))));
        const told = came.reduce((sum, one) => sum + (one.dropped ?? one.count ?? 1), 0);
        assert.equal(told, types.length, "what is not there is counted");
      },
    ),
  );
});
