/** A proxy as hosts have it for HTTPS: it makes connections to hosts by their names, which here are all on loopback. */
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";

export class Tunnel {
  /** What it was asked to connect to, `host:port`. */
  readonly asked: string[] = [];

  private constructor(private readonly server: Server) {}

  /** @param portOf  of a host on the loopback address; undefined for one that cannot be reached */
  static async start(portOf: (host: string) => number | undefined): Promise<Tunnel> {
    const server = createServer((_request, response) => response.writeHead(405).end());
    const tunnel = new Tunnel(server);
    server.on("connect", (request, client) => {
      const target = request.url ?? "";
      tunnel.asked.push(target);
      const port = portOf(target.replace(/:443$/, ""));
      if (port === undefined) return void client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
      const upstream = connect(port, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        upstream.pipe(client);
        client.pipe(upstream);
      });
      // Either side may go away without a farewell; the other one is told so.
      upstream.on("error", () => client.destroy());
      client.on("error", () => upstream.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return tunnel;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
