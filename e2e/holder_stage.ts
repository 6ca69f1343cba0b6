/**
 * A cluster of two Deno peers in this process, the built site, and a browser that joins it. Not a test by itself.
 * @module
 */
import {
  createNode,
  formatInvitation,
  type Identity,
  type Invitation,
  memoryStore,
  type QuorateNode,
  signRoster,
} from "../mod.ts";
import type { JoinRequest } from "../mod.ts";
import { newIdentity } from "../src/identity/identity.ts";
import { platformRandom } from "../src/platform.ts";
import { buildSite } from "../src/site/site.ts";
import { webSockets } from "../src/transport/websocket.deno.ts";
import { freePort } from "./folders.ts";

const types: Record<string, string> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

interface Door {
  decide: PromiseWithResolvers<"accept" | "decline">;
}

/** Alice keeps the roster; Bob is there. */
export class HolderStage implements AsyncDisposable {
  private constructor(
    /** Of the page, with `localhost`: passkeys take no IP address. */
    readonly url: string,
    readonly alice: QuorateNode,
    readonly bob: QuorateNode,
    /** Who asked to be let in; Alice waits for `decide`. */
    readonly asked: readonly JoinRequest[],
    readonly requests: readonly string[],
    private readonly server: Deno.HttpServer,
    private readonly door: Door,
  ) {}

  static async start(names: readonly [string, string] = ["Alice", "Bob"]): Promise<HolderStage> {
    const admin = await newIdentity(platformRandom);
    const made = await Promise.all(names.map(async (name) => ({
      identity: await newIdentity(platformRandom),
      entry: { name, address: `/ip4/127.0.0.1/tcp/${await freePort()}/ws` },
    })));
    const roster = await signRoster(
      admin,
      made.map(({ identity: { peer }, entry: { name, address } }) => ({
        peer,
        name,
        addresses: [address],
        rights: ["holder", "initiator", "manager"],
      })),
      null,
    );
    const asked: JoinRequest[] = [];
    const door: Door = { decide: Promise.withResolvers<"accept" | "decline">() };
    const node = (
      { identity, entry }: { identity: Identity; entry: { address: string } },
      holdsPen: boolean,
    ) =>
      createNode({
        approve: "roster",
        identity,
        roster,
        store: memoryStore(),
        transport: webSockets({ listen: [entry.address] }),
        ...(holdsPen
          ? {
            admin,
            admit: (request: JoinRequest) => {
              asked.push(request);
              return door.decide.promise;
            },
          }
          : {}),
      });
    const [alice, bob] = await Promise.all(made.map((one, i) => node(one, i === 0)));
    const files = await buildSite({ page: "index.html", program: "app.ts" });
    const requests: string[] = [];
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
      const { pathname } = new URL(request.url);
      requests.push(`${request.method} ${pathname}`);
      const name = pathname === "/" ? "index.html" : pathname.slice(1);
      const body = files.get(name);
      if (!body) return new Response(null, { status: 404 });
      return new Response(body, { headers: { "content-type": types[name.split(".").at(-1)!]! } });
    });
    return new HolderStage(
      `http://localhost:${server.addr.port}/`,
      alice!,
      bob!,
      asked,
      requests,
      server,
      door,
    );
  }

  /** What Alice says to who asks, now or next. */
  decide(said: "accept" | "decline"): void {
    this.door.decide.resolve(said);
    this.door.decide = Promise.withResolvers();
  }

  /** An invitation for one who is to hold shares, good for `ms`. */
  invitation(ms?: number): Invitation {
    return this.alice.invite({ rights: ["holder", "initiator", "manager"], ...ms ? { ms } : {} });
  }

  /** The link for one who is to hold shares. */
  holderLink(invitation = this.invitation()): string {
    return `${this.url}#hold=${formatInvitation(invitation)}`;
  }

  watcherLink(): string {
    return `${this.url}#${
      formatInvitation(this.alice.invite({ rights: ["initiator", "manager", "observer"] }))
    }`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.alice.stop(), this.bob.stop(), this.server.shutdown()]);
  }
}
