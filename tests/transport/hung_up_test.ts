import assert from "node:assert/strict";
import { closesWithItsPeer, type ConnectionClass } from "../../src/transport/libp2p/hung_up.ts";

class Sctp extends EventTarget {
  state = "connected";
}

/** Says nothing of its own closing, as a browser's. */
class Connection extends EventTarget {
  connectionState = "new";
  readonly sctp = new Sctp();
  described = 0;
  setRemoteDescription(): Promise<void> {
    this.described++;
    return Promise.resolve();
  }
  close(): void {
    this.connectionState = "closed";
  }
}

Deno.test("closesWithItsPeer() closes a connection, and says so once, when the other end's transport is closed", async () => {
  closesWithItsPeer(Connection as unknown as ConnectionClass);
  closesWithItsPeer(Connection as unknown as ConnectionClass);
  const connection = new Connection();
  const heard: string[] = [];
  connection.addEventListener("connectionstatechange", () => heard.push(connection.connectionState));
  const becomes = (state: string) => {
    connection.connectionState = state;
    connection.dispatchEvent(new Event("connectionstatechange"));
  };
  await connection.setRemoteDescription();
  await connection.setRemoteDescription(); // ICE was restarted
  assert.equal(connection.described, 2);
  becomes("connected");
  becomes("disconnected"); // a network that stutters is no end
  becomes("connected");
  const ends = () => connection.sctp.dispatchEvent(new Event("statechange"));
  ends();
  assert.equal(connection.connectionState, "connected");
  connection.sctp.state = "closed";
  ends();
  ends();
  assert.deepEqual(heard, ["connected", "disconnected", "connected", "closed"]);
});
