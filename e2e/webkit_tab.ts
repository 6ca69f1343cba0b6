/**
 * A tab of WebKitGTK, the engine of Safari in Debian's build, which has no WebRTC: its MiniBrowser on a screen of its own,
 * driven by WebDriver. Not a test by itself.
 * @module
 */
import { TextLineStream } from "../src/demo/lines.ts";
import { installDebian, isFile, onPath } from "./debian.ts";
import type { DrivenElement, Driver } from "./driven_tab.ts";
import { freePort } from "./folders.ts";
import { poll } from "./killed_process.ts";
import { elementId, WebDriver } from "./webdriver.ts";

const packages = ["webkit2gtk-driver", "xvfb"];

interface Programs {
  driver: string;
  screen: string;
  browser: string;
}

/** The programs that it takes. @throws {Error} One sentence that says what to install. */
export async function findWebKit(): Promise<Programs> {
  const here = await found() ?? (await installDebian(...packages) ? await found() : null);
  if (here) return here;
  throw new Error(`No WebKitGTK was found: install it (Debian: \`apt-get install ${packages.join(" ")}\`).`);
}

async function found(): Promise<Programs | null> {
  const [driver, screen] = [await onPath(["WebKitWebDriver"]), await onPath(["Xvfb"])];
  if (driver === null || screen === null) return null;
  for await (const { name } of Deno.readDir("/usr/lib")) {
    const browser = `/usr/lib/${name}/webkit2gtk-4.1/MiniBrowser`;
    if (await isFile(browser)) return { driver, screen, browser };
  }
  return null;
}

/** A screen that nobody looks at, and its name. */
async function openScreen(program: string): Promise<{ display: string } & AsyncDisposable> {
  const screen = new Deno.Command(program, {
    args: ["-displayfd", "1", "-screen", "0", "1280x1000x24", "-nolisten", "tcp"],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = screen.stdout.pipeThrough(new TextLineStream()).getReader();
  const { value } = await lines.read();
  if (value === undefined) throw new Error(`${program} ended before it had a screen`);
  return {
    display: `:${value}`,
    async [Symbol.asyncDispose]() {
      screen.kill();
      await screen.status;
      await lines.cancel();
    },
  };
}

/** Starts WebKit's driver, which starts browsers on `display` with `home` as its person's folder. */
async function startDriver(program: string, env: { DISPLAY: string; HOME: string }) {
  const port = await freePort();
  const child = new Deno.Command(program, {
    args: [`--port=${port}`],
    env,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const address = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(`${address}/status`).then(
      (answer) => answer.body?.cancel().then(() => answer.ok) ?? false,
      () => false,
    );
  await poll("WebKit's driver", answers);
  return {
    address,
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.status;
    },
  };
}

export async function webKitTab(): Promise<Driver> {
  const programs = await findWebKit();
  await using opening = new AsyncDisposableStack();
  const home = await Deno.makeTempDir({ prefix: "quorate-webkit-" });
  opening.defer(() => Deno.remove(home, { recursive: true }));
  const { display } = opening.use(await openScreen(programs.screen));
  const { address } = opening.use(await startDriver(programs.driver, { DISPLAY: display, HOME: home }));
  const driver = opening.use(
    await WebDriver.start(address, {
      browserName: "MiniBrowser",
      "webkitgtk:browserOptions": { binary: programs.browser, args: ["--automation"] },
    }),
  );
  const open = opening.move();
  return {
    downloads: home,
    complaints: null,
    goto: async (url) => void await driver.post("url", { url }),
    reload: async () => void await driver.post("refresh"),
    run: (inPage, ...args) => driver.execute(`return (${inPage})(...arguments)`, args) as Promise<never>,
    async find(inPage, ...args) {
      const id = elementId(await driver.execute(`return (${inPage})(...arguments)`, args));
      if (id === null) return null;
      const element = `element/${id}`;
      const type = (text: string) => driver.post(`${element}/value`, { text });
      return {
        click: async () => void await driver.post(`${element}/click`),
        async fill(text) {
          await driver.post(`${element}/clear`);
          await type(text);
        },
        attach: async (path) => void await type(path),
      } satisfies DrivenElement;
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
