/**
 * The waiting until a node can reach what its program needs: peers, and keys with enough holders.
 * @module
 */
import type { KeyChoice } from "../../cluster/records/key_name.ts";
import { checkKeyName } from "../../cluster/records/key_name.ts";
import { has } from "../../cluster/roster/roster_context.ts";
import { InputError, SessionError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { pause } from "../../session/deadline.ts";
import { keyReadiness, type PeersOptions } from "./peers.ts";
import type { Context } from "../../cluster/events/event_context.ts";

/** The interval at which it is looked whether all is there, ms. */
const readyLookEvery = 50;

/** The peers and keys that {@linkcode QuorateNode.ready} waits for. */
export interface ReadyOptions {
  /** Peers of the roster: connected, and between two holders linked too. Default: none. */
  peers?: readonly PeerId[];
  /** Keys: known here and active, with enough holders ready. Default: none. */
  keys?: readonly KeyChoice[];
  /** Ends the waiting with its reason. */
  signal?: AbortSignal;
}

/** The parts of a node that know what is there. */
export type ReadyParts = PeersOptions & { readonly context: Context };

/**
 * Resolves when all is there. See `QuorateNode.ready`.
 *
 * @throws {InputError} `peers`, `wallet`, `scheme`: at once, before anything is awaited.
 */
export function untilReady(parts: ReadyParts, options: ReadyOptions): Promise<void> {
  const { peers = [], keys = [], signal } = options;
  const { context } = parts;
  const strange = peers.find((peer) => peer === context.identity.peer || !context.member(peer));
  if (strange !== undefined) {
    throw new InputError("peers", `expected other peers of the roster, found ${strange}`, {
      code: "unknown",
    });
  }
  for (const key of keys) checkKeyName(key);
  return wait(parts, { peers, keys }, signal);
}

async function wait(
  parts: ReadyParts,
  wanted: Required<Pick<ReadyOptions, "peers" | "keys">>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { clock, stopping } = parts.context;
  const over = new AbortController();
  const end = () => over.abort();
  for (const one of [signal, stopping]) one?.addEventListener("abort", end, { once: true });
  try {
    for (;;) {
      signal?.throwIfAborted();
      if (stopping.aborted) throw new SessionError("shutdown");
      if (
        wanted.peers.every((peer) => isThere(parts, peer)) && wanted.keys.every((key) => isUsable(parts, key))
      ) {
        return;
      }
      await pause(clock, readyLookEvery, over.signal);
    }
  } finally {
    for (const one of [signal, stopping]) one?.removeEventListener("abort", end);
  }
}

function isThere({ context, parts }: ReadyParts, peer: PeerId): boolean {
  const linked = has(context, context.identity.peer, "holder") && has(context, peer, "holder");
  return context.network.connected().includes(peer) && (!linked || parts.links.has(peer));
}

/** Whether exactly one key has the name, and enough of its holders are ready. */
function isUsable(parts: ReadyParts, { keyId, ...name }: KeyChoice): boolean {
  const named = parts.records.keys.named(name).filter(({ session }) =>
    keyId === undefined || session === keyId
  );
  const [key] = named;
  return key !== undefined && named.length === 1 && key.state === "active" &&
    keyReadiness(key, parts).quorate;
}
