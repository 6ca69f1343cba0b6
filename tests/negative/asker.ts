/**
 * Strangers at the door of alice, who holds the admin key. Not a test by itself.
 * @module
 */
import { protocols } from "../../src/cluster/context.ts";
import { askToJoin, joinAnswer, joinRecord } from "../../src/cluster/roster/join.ts";
import { joinCommitment, joinReveal } from "../../src/cluster/roster/join_words.ts";
import { type FourWords, fourWords } from "../../src/identity/four_words.ts";
import type { Invitation, Roster } from "../../mod.ts";
import type { Channel } from "../../src/ports.ts";
import { next, type RawPeer, reach, stranger } from "./raw_peer.ts";
import type { Scene, SceneOptions } from "./scene.ts";

/** Alice holds the admin key, and nobody is asked but by node.admit(). */
export const withAdmin: SceneOptions = { more: (name, { admin }) => name === "alice" ? { admin } : {} };

export interface Asker extends RawPeer {
  /** How it ended; null while it has not. */
  ended: { roster: Roster } | { error: Error } | null;
  /** How often it was told that a person is being asked. */
  waited: number;
  /** What it then shows. */
  words: FourWords | null;
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
  const asker: Asker = { ...raw, ended: null, waited: 0, words: null, leave: () => leaving.abort() };
  const { clock } = scene;
  askToJoin(raw.network, raw.identity, invitation, {
    name,
    clock,
    random: raw.random,
    waiting(digest) {
      asker.waited++;
      asker.words = fourWords(digest);
    },
    signal: leaving.signal,
  }).then((roster) => asker.ended = { roster }, (error) => asker.ended = { error });
  await clock.pass(2_000);
  return asker;
}

/** What it was told, if it was told something bad. */
export function problemOf({ ended }: Asker): string {
  return ended && "error" in ended ? ended.error.message : ended ? "it is in" : "it waits";
}

/** What a stranger commits to when it says its words by hand. */
export const nonce = new Uint8Array(32).fill(6);

/** A stranger says its first word by hand, whatever that is. */
export async function says(
  scene: Scene,
  by: RawPeer,
  token: Uint8Array,
  name: string,
  commitment = joinCommitment(nonce, { admin: scene.peer("alice"), joiner: by.identity.peer }),
): Promise<Channel> {
  const channel = await reach(scene, by, "alice", protocols.join);
  await channel.send(joinRecord.encode({ token, commitment, name }));
  return channel;
}

/** Then it hears the other nonce, if it does, and reveals its own. @returns What it heard. */
export async function reveals(scene: Scene, channel: Channel): Promise<ReturnType<typeof joinAnswer.decode>> {
  const frame = await next(scene, channel);
  if (!(frame instanceof Uint8Array)) throw new Error(`It heard ${frame}`);
  const answer = joinAnswer.decode(frame);
  if (answer.says === "waiting") await channel.send(joinReveal.encode({ nonce }));
  await scene.clock.pass(100);
  return answer;
}

/** How alice tells of who was at her door: name and state. */
export function door(scene: Scene): string[] {
  return scene.everyone("alice").events.flatMap((event) =>
    event.type === "join" ? [`${event.name} ${event.state}`] : []
  );
}

export const namesIn = (roster: Roster) => roster.peers.map(({ name }) => name);
