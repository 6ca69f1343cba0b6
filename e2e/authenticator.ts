/**
 * A device that holds passkeys, as Chromium plays one. Not a test by itself.
 * @module
 */
import type { CDPSession } from "playwright-core";

/** A device in the machine that holds passkeys and sees its person. */
export async function authenticator(devtools: CDPSession, { hasPrf }: { hasPrf: boolean }): Promise<string> {
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      hasPrf,
    },
  });
  return authenticatorId;
}
