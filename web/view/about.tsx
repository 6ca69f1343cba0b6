/**
 * What this page is: its version, its source, its licence, that nobody has audited it, and what it protects against.
 * @module
 */

/** Written into the script when it is built; a script that is run as it is has none. */
declare const QUORATE_VERSION: string | undefined;

/** Of `deno.json`. */
export const version = typeof QUORATE_VERSION === "string" ? QUORATE_VERSION : "unbuilt";

/** The threat model, as short as it can be said. */
export const threats: readonly string[] = [
  "A key is held in shares by several peers: as many as its threshold sign together, and fewer can neither sign nor " +
  "learn anything of the key.",
  "Whoever breaks the protocol is named by those who can check it, and nobody is blamed for being silent.",
  "Holders as many as the threshold who work together, or whose devices are broken into, sign whatever they like: " +
  "choose holders who would not.",
  "Your share is kept on this device under your passphrase or passkey: whoever has both, or can run code in this page, " +
  "has your share.",
  "This page is as honest as whoever serves it: load it from a place that you trust, or serve it yourself.",
  "Nobody outside the project has examined this code, and JavaScript's arithmetic takes times that depend on secrets: " +
  "put nothing behind it that you cannot lose.",
];

export function About() {
  return (
    <details class="plain about">
      <summary>
        Quorate {version}: <strong>unaudited</strong>. About
      </summary>
      <dl>
        <dt>Version</dt>
        <dd>
          <p>{version}</p>
        </dd>
        <dt>Source</dt>
        <dd>
          <p>
            The repository “quorate”. Whoever serves this page built it there with{" "}
            <code>deno task build</code> and can say where it is.
          </p>
        </dd>
        <dt>Licence</dt>
        <dd>
          <p>MIT</p>
        </dd>
        <dt>Audit</dt>
        <dd>
          <p>
            <strong>Unaudited.</strong> There has been no audit of any part of it.
          </p>
        </dd>
      </dl>
      <h2>What it protects against</h2>
      <ol>{threats.map((sentence) => <li key={sentence}>{sentence}</li>)}</ol>
    </details>
  );
}
