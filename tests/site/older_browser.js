/**
 * Takes away what browsers of the floor lack, in a page, a worker or Deno: run before everything else there. A script
 * and no module, so that it can be put before a bundle. Not a test by itself.
 */
{
  // Well-known symbols cannot be deleted from their function: it is replaced by one without the newer ones.
  const newer = Symbol;
  const older = function Symbol(description) {
    return newer(description);
  };
  for (const name of Reflect.ownKeys(newer)) {
    if (["dispose", "asyncDispose", "length", "name", "prototype"].includes(name)) continue;
    Object.defineProperty(older, name, Object.getOwnPropertyDescriptor(newer, name));
  }
  older.prototype = newer.prototype;
  globalThis.Symbol = older;

  const iterator = Object.getPrototypeOf(Object.getPrototypeOf([][newer.iterator]()));
  const away = [
    [Uint8Array, ["fromHex", "fromBase64"]],
    [Uint8Array.prototype, ["toHex", "toBase64", "setFromHex", "setFromBase64"]],
    [Promise, ["try"]],
    [RegExp, ["escape"]],
    [Error, ["isError"]],
    [Math, ["sumPrecise"]],
    [JSON, ["rawJSON", "isRawJSON"]],
    [URL, ["parse"]],
    [
      iterator,
      Reflect.ownKeys(iterator).filter((name) => typeof name === "string" && name !== "constructor"),
    ],
    [Set.prototype, ["union", "intersection", "difference", "symmetricDifference"]],
    [Set.prototype, ["isSubsetOf", "isSupersetOf", "isDisjointFrom"]],
    [Map.prototype, ["getOrInsert", "getOrInsertComputed"]],
    [globalThis.ReadableStream, ["from"]],
    [globalThis.ReadableStream?.prototype, ["values", newer.asyncIterator]],
    [globalThis.Response?.prototype, ["bytes"]],
    [globalThis.Blob?.prototype, ["bytes"]],
    [globalThis, ["Iterator", "DisposableStack", "AsyncDisposableStack", "SuppressedError", "Float16Array"]],
    [globalThis, ["Temporal", "scheduler", "requestIdleCallback"]],
  ];
  for (const [from, names] of away) {
    for (const name of names) if (from !== undefined) delete from[name];
  }
}
