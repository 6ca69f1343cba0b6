/**
 * Folders of peers that are to run as processes. Not a test by itself.
 * @module
 */
import { createServer } from "node:net";
import { formatRoster, type Roster, type RosterPeer } from "../src/cluster/roster/roster.ts";
import { createKeyFile } from "../src/identity/key_file.ts";
import { platformRandom } from "../src/platform/platform.ts";

/** A holder of shares, its address on loopback, and where its keys are. */
export interface Folder {
  entry: RosterPeer;
  path: string;
}

/** Makes a folder with a key for each of `names`; its roster is still to be written. */
export function makeFolders(dir: string, names: readonly string[]): Promise<Folder[]> {
  return Promise.all(names.map(async (name) => {
    const path = `${dir}/${name}`;
    await Deno.mkdir(path);
    const { peer } = await createKeyFile(`${path}/identity.age`, { random: platformRandom });
    const addresses = [`/ip4/127.0.0.1/tcp/${await freePort()}/ws`];
    return { entry: { peer, name, addresses, rights: ["holder", "initiator", "manager"] }, path };
  }));
}

export async function writeRoster(folders: readonly Folder[], roster: Roster): Promise<void> {
  await Promise.all(
    folders.map(({ path }) => Deno.writeTextFile(`${path}/roster.json`, formatRoster(roster))),
  );
}

/** A port that is free at this moment: the roster must name it before anyone listens. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
