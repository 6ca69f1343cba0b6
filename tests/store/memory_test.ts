import { memoryStore } from "../../src/store/memory.ts";
import { storeConformance } from "./conformance.ts";

storeConformance("memoryStore()", {
  durable: false,
  place: () =>
    Promise.resolve({ open: () => Promise.resolve(memoryStore()), async [Symbol.asyncDispose]() {} }),
});
