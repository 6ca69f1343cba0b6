/**
 * The explanation of a browser's storage errors, for the person in front of it.
 * @module
 */

/** The sentence about a storage error, with advice if anything can be done. */
export function storageTrouble(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const advice = cause instanceof Error ? adviceFor(cause.name) : null;
  return advice === null ? message : `${message.replace(/\.?$/, "")}: ${advice}`;
}

/** Whether an error means that the browser stores nothing at all for this page. */
export function isRefused(cause: unknown): boolean {
  return cause instanceof DOMException &&
    ["QuotaExceededError", "SecurityError", "UnknownError", "NotAllowedError"].includes(cause.name);
}

function adviceFor(name: string): string | null {
  switch (name) {
    case "QuotaExceededError":
      return "free disk space, or let this site store more, then try again";
    case "SecurityError":
    case "NotAllowedError":
      return "leave private browsing, or allow this site to store data, then load the page again";
    case "UnknownError":
      return "free disk space, leave private browsing, then load the page again";
    default:
      return null;
  }
}
