/**
 * The page's facts about itself: version, source, licence, the missing audit, and the threat model.
 * @module
 */

/** Defined by the build; undefined in a script that runs unbuilt. */
declare const QUORATE_VERSION: string | undefined;

/** The version in `deno.json`. */
export const version = typeof QUORATE_VERSION === "string" ? QUORATE_VERSION : "unbuilt";

/** The threat model in six sentences. */
export const threats: readonly string[] = [
  "A key is held in shares by several peers: any group of its threshold's size can sign, and fewer can neither sign " +
  "nor learn anything about the key.",
  "A peer that breaks the protocol is named by the peers that can check it, and nobody is blamed for silence.",
  "If as many holders as the threshold conspire, or if their devices are broken into, they can sign anything: choose " +
  "holders that you trust.",
  "Your share is kept on this device, locked with your passphrase or passkey: anybody who has both, or who can run code " +
  "in this page, has your share.",
  "This page is only as honest as its server: load it from a server that you trust, or serve it yourself.",
  "Nobody outside the project has examined this code, and the time that JavaScript's arithmetic takes depends on " +
  "secrets: protect nothing with it that you cannot afford to lose.",
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
            The repository “quorate”. The person who serves this page built it from there with{" "}
            <code>deno task build</code>, and can tell you where it is.
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
