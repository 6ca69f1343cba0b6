/**
 * Strangers at the door of alice, who holds the admin key. Not a test by itself.
 * @module
 */
import { protocols } from "../../src/cluster/context.ts";
import { askToJoin, joinRecord } from "../../src/cluster/join.ts";
import type { Invitation, Roster } from "../../mod.ts";
import type { Channel } from "../../src/ports.ts";
import { type RawPeer, reach, stranger } from "./raw_peer.ts";
import type { Scene, SceneOptions } from "./scene.ts";

/** Alice holds the admin key, and nobody is asked but by node.admit(). */
export const withAdmin: SceneOptions = { more: (name, { admin }) => name === "alice" ? { admin } : {} };

export interface Asker extends RawPeer {
  /** How it ended; null while it has not. */
  ended: { roster: Roster } | { error: Error } | null;
  /** How often it was told that a person is being asked. */
  waited: number;
  leave(): void;
}

/** A stranger begins to ask; two seconds later it is where it gets by itself. */
export async function asks(
  scene: Scene,
  seed: string,
  invitation: Invitation,
  name = seed,
  again?: RawPeer,
): Promise<Asker> {
  const raw = again ?? await stranger(scene, seed);
  const leaving = new AbortController();
  const asker: Asker = { ...raw, ended: null, waited: 0, leave: () => leaving.abort() };
  const { clock } = scene;
  askToJoin(raw.network, raw.identity, invitation, {
    name,
    clock,
    waiting: () => asker.waited++,
    signal: leaving.signal,
  }).then((roster) => asker.ended = { roster }, (error) => asker.ended = { error });
  await clock.pass(2_000);
  return asker;
}

/** What it was told, if it was told something bad. */
export function problemOf({ ended }: Asker): string {
  return ended && "error" in ended ? ended.error.message : ended ? "it is in" : "it waits";
}

/** A stranger says its first word by hand, whatever that is. */
export async function says(scene: Scene, by: RawPeer, token: Uint8Array, name: string): Promise<Channel> {
  const channel = await reach(scene, by, "alice", protocols.join);
  await channel.send(joinRecord.encode({ token, name }));
  return channel;
}

/** How alice tells of who was at her door: name and state. */
export function door(scene: Scene): string[] {
  return scene.everyone("alice").events.flatMap((event) =>
    event.type === "join" ? [`${event.name} ${event.state}`] : []
  );
}

export const namesIn = (roster: Roster) => roster.peers.map(({ name }) => name);
