/**
 * What may happen to a tab, as truly as a browser lets a test do it. Seen with Chromium 156.0.8078.79 (Debian,
 * `--headless`) and Playwright 1.65.1. Not a test by itself.
 * @module
 */
import type { CDPSession } from "playwright-core";
import type { FailureCode } from "../src/failure.ts";
import { poll } from "./killed_process.ts";
import { rendererOf } from "./renderer.ts";
import { reopened, type Scene } from "./tab_scene.ts";

/** Something that happens to Ada's tab. */
export interface Mishap {
  /** What is done to its page before that loads anything, so that it can happen. */
  prepare?(devtools: CDPSession): Promise<unknown>;
  /** @returns How it comes back from it. */
  befalls(scene: Scene): Promise<() => unknown>;
  /** What the others say, unless it is what the tab itself told them. */
  codes: readonly FailureCode[];
  /** When they do: at once, or when they have waited for as long as they wait for anyone. */
  noticed: "at once" | "in time";
  /** What the tab itself says, if it lives to say something. */
  own?: readonly FailureCode[];
}

/** Words that it gets as soon as it is back may be the end before its own clocks are. */
const overtaken = ["round-timeout", "aborted-by-peer", "peer-left"] as const;

/** What it says as it goes comes to the others; its end of WebRTC may die without a word, and they miss that later. */
export const closed: Mishap = {
  async befalls(scene) {
    await scene.ada.page.close();
    return () => reopened(scene);
  },
  codes: ["peer-left"],
  noticed: "at once",
};

/** Its process dies, without a word: of a fault, or for its memory. The browser closes its WebSockets; WebRTC falls silent. */
export const crashed: Mishap = {
  async befalls(scene) {
    const { page, devtools } = scene.ada;
    const crash = new Promise((resolve) => page.once("crash", resolve));
    Deno.kill(await rendererOf(devtools), "SIGKILL");
    await crash;
    return await closed.befalls(scene);
  },
  codes: ["peer-left"],
  noticed: "at once",
};

/**
 * Another tab is in front, and Chromium freezes this one: `freeze` is told, what is said there still goes out, and then
 * nothing of the page and its workers runs. Its connections stay up.
 */
export const frozen: Mishap = {
  async befalls({ ada, tabs }) {
    await ada.page.evaluate(() => {
      document.addEventListener("freeze", () => document.title = "frozen", { once: true });
    });
    await tabs.other.bringToFront();
    await poll("the tab to be hidden", () => ada.page.evaluate("document.hidden") as Promise<boolean>);
    await ada.devtools.send("Page.setWebLifecycleState", { state: "frozen" });
    await poll("the tab to freeze", async () => await ada.page.title() === "frozen");
    return async () => {
      await ada.devtools.send("Page.setWebLifecycleState", { state: "active" });
      await ada.page.bringToFront();
    };
  },
  codes: [],
  noticed: "at once",
  own: ["suspended"],
};

/**
 * Its process is stopped, and nobody tells it: as a phone does, or a machine that sleeps. The page, its workers and its
 * end of WebRTC stand still; its WebSockets are another process's, and stay up.
 */
export const stopped: Mishap = {
  async befalls(scene) {
    const pid = await rendererOf(scene.ada.devtools);
    Deno.kill(pid, "SIGSTOP");
    return () => Deno.kill(pid, "SIGCONT");
  },
  codes: ["round-timeout", "peer-left"],
  noticed: "in time",
  own: ["suspended", ...overtaken],
};

/**
 * Chromium holds back the packets only of such WebRTC sockets as were opened under a condition, here 1 ms more; and of
 * those it loses the last, by which a page that closes says so.
 */
const online = { latency: 1, downloadThroughput: -1, uploadThroughput: -1, offline: false };

/**
 * Its network is gone, without a word: no socket is closed, and nothing passes. What is said into a WebSocket meanwhile
 * comes after all when the network is back; packets of WebRTC are lost.
 */
export const offline: Mishap = {
  prepare: (devtools) => devtools.send("Network.emulateNetworkConditions", online),
  async befalls(scene) {
    const { devtools } = scene.ada;
    await devtools.send("Network.emulateNetworkConditions", { ...online, offline: true });
    return () => devtools.send("Network.emulateNetworkConditions", online);
  },
  codes: ["round-timeout", "peer-left"],
  noticed: "in time",
  own: overtaken,
};
