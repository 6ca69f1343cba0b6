/**
 * A peer as a tab is one: nobody has an address of it, and it can stand still from one task to the next, for as long as
 * whoever holds the page likes. Not a test by itself.
 * @module
 */
import type { Channel, Clock, Host, Network, Transport } from "../../src/ports.ts";

/** What a node has of time and network, as long as its page runs. */
export class Page {
  readonly #clock: Clock;
  /** What would have happened meanwhile, in order. */
  readonly #queue: (() => void)[] = [];
  #frozen = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Nothing runs from here on; what is running comes to its next wait. */
  freeze(): void {
    this.#frozen = true;
  }

  /** All that has come meanwhile comes now. */
  resume(): void {
    this.#frozen = false;
    for (let next = this.#queue.shift(); next && !this.#frozen; next = this.#queue.shift()) next();
  }

  #then(act: () => void): void {
    if (this.#frozen) this.#queue.push(act);
    else act();
  }

  async #late<T>(outcome: Promise<T>): Promise<T> {
    try {
      return await outcome;
    } finally {
      if (this.#frozen) await new Promise<void>((resolve) => this.#queue.push(resolve));
    }
  }

  readonly clock: Clock = {
    now: () => this.#clock.now(),
    monotonic: () => this.#clock.monotonic(),
    timer: (ms, fire) => {
      let over = false;
      const timer = this.#clock.timer(ms, () => this.#then(() => over || fire()));
      return {
        [Symbol.dispose]() {
          over = true;
          timer[Symbol.dispose]();
        },
      };
    },
  };

  transport(transport: Transport): Transport {
    return {
      kind: transport.kind,
      start: async (host) => this.#network(await transport.start(this.#host(host))),
    };
  }

  #host(host: Host): Host {
    return {
      ...host,
      connected: (peer) => this.#then(() => host.connected(peer)),
      disconnected: (peer) => this.#then(() => host.disconnected(peer)),
      changed: (peer) => this.#then(() => host.changed(peer)),
      dropped: (code, via) => this.#then(() => host.dropped(code, via)),
    };
  }

  #network(network: Network): Network {
    return {
      self: network.self,
      addresses: () => [],
      // As over a relay: two tabs find each other.
      routes: (peer) => [`/memory/${peer}`],
      handle: (protocol, handler, options) =>
        network.handle(protocol, (channel) => this.#then(() => handler(this.#channel(channel))), options),
      connect: (peer, addresses, signal) => this.#late(network.connect(peer, addresses, signal)),
      disconnect: (peer) => network.disconnect(peer),
      connected: () => network.connected(),
      open: async (peer, protocol, options) =>
        this.#channel(await this.#late(network.open(peer, protocol, options))),
      speaks: (peer, protocol) => this.#late(network.speaks(peer, protocol)),
      latency: (peer) => network.latency(peer),
      carrier: (peer) => network.carrier(peer),
      reservations: () => network.reservations(),
      subscribe: (topic, { validate, deliver }) =>
        network.subscribe(topic, {
          validate: (message, from) => this.#frozen ? "ignore" : validate(message, from),
          deliver: (message) => this.#then(() => deliver(message)),
        }),
      publish: (topic, message) => network.publish(topic, message),
      stop: () => network.stop(),
    };
  }

  #channel(channel: Channel): Channel {
    const receive = channel.receive.bind(channel);
    const send = channel.send.bind(channel);
    channel.receive = () => this.#late(receive());
    channel.send = (frame) => this.#late(send(frame));
    return channel;
  }
}
