/**
 * What a browser of the floor does with `src/platform/polyfills.ts`. A program of its own, bundled: it takes its runtime apart.
 * @module
 */
import "./older_browser.js";
import "../../src/platform/polyfills.ts";
import { itemsOf } from "../../src/platform/stream.ts";

const told: string[] = [];
{
  using _here = { [Symbol.dispose]: () => told.push("disposed") };
}
const refusals = ["0", "zz", "0 1", "🙂"].map((text) => {
  try {
    return Uint8Array.fromHex(text);
  } catch (error) {
    return String(error);
  }
});
const stream = new ReadableStream<number>({
  start(controller) {
    for (const item of [1, 2, 3]) controller.enqueue(item);
    controller.close();
  },
});
const items: number[] = [];
for await (const item of itemsOf(stream)) items.push(item);

console.log(JSON.stringify({
  iterable: Symbol.asyncIterator in ReadableStream.prototype,
  symbols: [typeof Symbol.dispose, typeof Symbol.asyncDispose, typeof Symbol.iterator],
  told,
  hex: Uint8Array.fromHex("00fFa0").toHex(),
  listed: [...Object.keys(Uint8Array), ...Object.keys(Uint8Array.prototype)],
  refusals,
  items,
}));
