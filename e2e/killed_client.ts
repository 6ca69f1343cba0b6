/**
 * A client that holds no share, as a process that can be made to stand still at a named point of a request, killed there,
 * and started again from the same folder.
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Scheme } from "../src/events.ts";
import { KilledProcess } from "./killed_process.ts";
import type { ClientPoint } from "./programs/client_points.ts";
import type { ClientOrder } from "./programs/stopping_client.ts";

const program = fileURLToPath(new URL("./programs/stopping_client.ts", import.meta.url));

/** A request for a signature. */
export interface AskedFor {
  wallet: string;
  scheme: Scheme;
  message: string;
  /** 32 hex digits. */
  id: string;
}

/** One client: the same folder, one process after the other. */
export class KilledClient extends KilledProcess<ClientPoint, ClientOrder> {
  constructor(readonly dir: string) {
    super("client", program, ["--dir", dir]);
  }

  /** Waits until enough holders of the key are ready. */
  canSign = ({ wallet, scheme }: Omit<AskedFor, "message" | "id">) =>
    this.order({ order: "ready", wallet, scheme });
  arm = (point: ClientPoint) => this.order({ order: "stop", point });

  /** Asks, and writes what comes of it into a file. @returns The signature in hex. */
  sign = (asked: AskedFor) => this.order({ order: "sign", ...asked }) as Promise<string>;

  /** The signature that it has written, or null. */
  async written(id: string): Promise<string | null> {
    try {
      return await Deno.readTextFile(`${this.dir}/${id}.signature`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      return null;
    }
  }
}
