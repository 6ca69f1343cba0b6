/**
 * A cluster whose client signs for other libraries: it holds nothing, and three holders are asked. Not a test by itself.
 * @module
 */
import type { ApprovalRequest, GroupKey, QuorateNode, Scheme, SigningRequest } from "../../mod.ts";
import { Scene } from "../negative/scene.ts";

/** A cluster with one key of 2 of 3. */
export class SigningCluster implements AsyncDisposable {
  private constructor(
    /** The node of the client. */
    readonly node: QuorateNode,
    readonly key: GroupKey,
    /** The requests for signatures that Alice was asked about: she is among the signers of all that name none. */
    readonly asked: SigningRequest[],
    readonly scene: Scene,
  ) {}

  static async start(scheme: Scheme): Promise<SigningCluster> {
    const asked: SigningRequest[] = [];
    const approve = (request: ApprovalRequest) => {
      if (request.kind === "sign") asked.push(request);
      return Promise.resolve("accept" as const);
    };
    const scene = await Scene.start({
      scheme,
      consoles: ["client"],
      threshold: 2,
      more: (name) => name === "alice" ? { approve } : {},
    });
    const node = scene.node("client");
    const [key] = await node.keys();
    return new SigningCluster(node, key!, asked, scene);
  }

  /** The signers with Alice among them: what every request names, so that she is asked about it. */
  get signers(): string[] {
    return [this.scene.peer("alice"), this.scene.peer("bob")];
  }

  /** Lets time pass until a promise settles. */
  until<T>(promise: Promise<T>): Promise<T> {
    return this.scene.clock.until(promise);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scene[Symbol.asyncDispose]();
  }
}
