/**
 * A client of W3C WebDriver (https://www.w3.org/TR/webdriver2/), as much of it as the tests need. Not a test by itself.
 * @module
 */

/** A session with one browser, which it starts and ends. */
export class WebDriver implements AsyncDisposable {
  private constructor(private readonly session: string) {}

  /**
   * Starts a browser.
   *
   * @param server The driver's address, without a slash at its end.
   */
  static async start(server: string, capabilities: object): Promise<WebDriver> {
    const { sessionId } = await call(`${server}/session`, "POST", {
      capabilities: { alwaysMatch: capabilities },
    }) as { sessionId: string };
    return new WebDriver(`${server}/session/${sessionId}`);
  }

  /** Calls a command of the session. @throws {Error} With the driver's words. */
  post(command: string, body: object = {}): Promise<unknown> {
    return call(`${this.session}/${command}`, "POST", body);
  }

  /** Runs the body of a function in the page. */
  execute(script: string, args: readonly unknown[]): Promise<unknown> {
    return this.post("execute/sync", { script, args });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await call(this.session, "DELETE");
  }
}

/** The key under which an element's id stands (§11). */
const elementKey = "element-6066-11e4-a52e-4f735466cecf";

/** The id of an element that a script has returned, or null if it has returned none. */
export function elementId(returned: unknown): string | null {
  return (returned as { [elementKey]: string } | null)?.[elementKey] ?? null;
}

const patience = 60_000;

async function call(url: string, method: string, body?: object): Promise<unknown> {
  const signal = AbortSignal.timeout(patience); // a browser that dies as it starts is never answered for
  const answer = await fetch(url, { method, signal, ...body && { body: JSON.stringify(body) } });
  const { value } = await answer.json();
  if (!answer.ok) throw new Error(`${method} ${new URL(url).pathname}: ${value.error}, ${value.message}`);
  return value;
}
