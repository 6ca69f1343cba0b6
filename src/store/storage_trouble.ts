/**
 * What a browser's storage errors mean for the person before it.
 * @module
 */

/** What went wrong and, where something can be done about it, what. */
export function storageTrouble(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const advice = cause instanceof Error ? adviceFor(cause.name) : null;
  return advice === null ? message : `${message.replace(/\.?$/, "")}: ${advice}`;
}

/** Whether the browser refuses to store anything here, whatever it is. */
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
