/**
 * New identities of this platform's randomness.
 * @module
 */
import { newIdentity as make } from "../identity/identity.ts";
import { platformRandom } from "../platform/platform.ts";
import type { Identity } from "../ports.ts";

/**
 * A new identity in memory. Its `secrets()` can be kept anywhere, such as in a key management system, and `identityFrom`
 * makes it again.
 */
export function newIdentity(): Promise<Identity> {
  return make(platformRandom);
}
