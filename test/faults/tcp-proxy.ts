import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** A cable between the platform and its database that can go dead without a word: no reset, no end. */
export class TcpProxy {
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private swallowsNew = false;

  private constructor(
    private readonly server: Server,
    readonly port: number,
    target: number,
  ) {
    server.on("connection", (near) => {
      const far = connect(target, "127.0.0.1");
      const pair = [near, far] as const;
      this.pairs.add(pair);
      for (const socket of pair) {
        socket.on("error", () => {});
        socket.on("close", () => {
          pair.forEach((end) => end.destroy());
          this.pairs.delete(pair);
        });
      }
      near.pipe(far).pipe(near);
      if (this.swallowsNew) swallow(pair);
    });
  }

  static async start(target: number): Promise<TcpProxy> {
    const server = createServer();
    await once(server.listen(0, "127.0.0.1"), "listening");
    return new TcpProxy(server, (server.address() as AddressInfo).port, target);
  }

  /** From now on nothing passes on the connections that there are, ever again. */
  swallowEstablished(): void {
    for (const pair of this.pairs) swallow(pair);
  }

  /** From now on nothing passes on new ones either, until `mend`. */
  swallowAll(): void {
    this.swallowsNew = true;
    this.swallowEstablished();
  }

  /** New connections pass again. Those that went dead stay so, as behind a router that forgot them. */
  mend(): void {
    this.swallowsNew = false;
  }

  async close(): Promise<void> {
    for (const socket of [...this.pairs].flat()) socket.destroy();
    this.server.close();
    await once(this.server, "close");
  }
}

/** What arrives is read and thrown away; an end is not passed on. */
function swallow([near, far]: readonly [Socket, Socket]): void {
  for (const socket of [near, far]) {
    socket.unpipe();
    socket.resume();
  }
}
