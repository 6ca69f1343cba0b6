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
import { platformRandom } from "../src/platform/platform.ts";
import { webSockets } from "../src/transport/websocket.deno.ts";
import { freePort } from "./folders.ts";
import { type ServedSite, serveSite } from "./served_site.ts";

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
    private readonly site: ServedSite,
    private readonly door: Door,
  ) {}

  /** @param before A script that runs before the page's own, and before its worker's. */
  static async start(
    names: readonly [string, string] = ["Alice", "Bob"],
    before?: string,
  ): Promise<HolderStage> {
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
    const site = await serveSite(before);
    return new HolderStage(
      `http://localhost:${site.port}/`,
      alice!,
      bob!,
      asked,
      site,
      door,
    );
  }

  /** Method and path of every request for the page and its parts, in order. */
  get requests(): readonly string[] {
    return this.site.requests;
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
    await Promise.all([this.alice.stop(), this.bob.stop(), this.site[Symbol.asyncDispose]()]);
  }
}
