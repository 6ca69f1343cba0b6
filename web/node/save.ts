/**
 * Offers a file to the person to save.
 * @module
 */

/** Offers a file under this name; the browser may ask where to save it. */
export function save(name: string, content: Uint8Array): void {
  const url = URL.createObjectURL(new Blob([content.slice()], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser may not have read it yet
}
