import { deepEqual, equal, throws } from "node:assert/strict";
import { array, assert, constantFrom, integer, property, uint8Array } from "fast-check";
import { FrameReader, prefixed } from "../../src/transport/frames.ts";

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

function drain(reader: FrameReader): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let frame = reader.next(); frame; frame = reader.next()) frames.push(frame);
  return frames;
}

Deno.test("FrameReader gives the same frames however the bytes are cut", () => {
  const frame = uint8Array({ maxLength: 300 });
  assert(
    property(array(frame), integer({ min: 1, max: 700 }), constantFrom(true, false), (frames, cut, late) => {
      const bytes = concat(frames.map(prefixed));
      const reader = new FrameReader(300);
      const got: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += cut) {
        reader.push(bytes.subarray(at, at + cut));
        if (!late) got.push(...drain(reader));
      }
      deepEqual([...got, ...drain(reader)], frames);
      equal(reader.buffered, 0);
    }),
  );
});

Deno.test("FrameReader rejects a length over the limit before the frame comes", () => {
  for (const [limit, prefix] of [[100, [101]], [65_536, [0x81, 0x80, 0x04]], [300, [0xff, 0x03]]] as const) {
    const reader = new FrameReader(limit);
    reader.push(prefixed(new Uint8Array(3)));
    reader.push(new Uint8Array(prefix));
    equal(reader.next()?.length, 3);
    throws(() => reader.next(), { name: "ChannelError", reason: "oversized" });
    equal(reader.buffered, 0);
  }
});

Deno.test("FrameReader rejects a length of 2^31, and one that never ends, after three bytes", () => {
  for (const prefix of [[0x80, 0x80, 0x80, 0x80, 0x08], [0x80, 0x80, 0x80], [0xff, 0xff, 0xff]]) {
    const reader = new FrameReader(65_536);
    reader.push(new Uint8Array(prefix));
    throws(() => reader.next(), { reason: "oversized" });
  }
});

Deno.test("FrameReader waits for a length that is not complete", () => {
  const reader = new FrameReader(65_536);
  for (const byte of [0x80, 0x01]) {
    equal(reader.next(), null);
    reader.push(new Uint8Array([byte]));
  }
  equal(reader.next(), null);
  reader.push(new Uint8Array(128));
  equal(reader.next()?.length, 128);
});
