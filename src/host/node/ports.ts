/** Published ports: Node listens for the guest, and hands on who comes. */
import { createServer, type Server, type Socket } from "node:net";
import type { HostConnection, HostNetwork } from "../../kernel/host.ts";

/** A port of this machine that leads to one of the guest. */
export interface PublishedPort {
  /** Where it is listened at: an address of this machine. */
  readonly address: string;
  /** 0 for any that is free. */
  readonly host: number;
  readonly guest: number;
}

/** Where ports are listened at that say nothing of it: who is not on this machine does not reach the guest. */
export const LOCAL = "127.0.0.1";

/** A port that cannot be had, and what to do about it. */
export class PortRefusal extends Error {
  readonly cure: string | undefined;

  constructor(message: string, cure?: string) {
    super(message);
    this.cure = cure;
  }
}

/** The ports of one guest. Nothing gets in before something is published or {@link connect}ed. */
export class NodeNetwork implements HostNetwork {
  private take: ((port: number, connection: HostConnection) => boolean) | undefined;
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();

  onConnection(take: (port: number, connection: HostConnection) => boolean): void {
    this.take = take;
  }

  /** Listens for the guest; answers the port with its number. Rejects with a {@link PortRefusal}. */
  publish({ address, host, guest }: PublishedPort): Promise<PublishedPort> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.arrived(guest, socket));
    this.servers.push(server);
    return new Promise((resolve, reject) => {
      server.once("error", (error) => reject(refusal(error, address, host)));
      server.listen({ port: host, host: address, exclusive: true }, () => {
        const bound = server.address();
        resolve({ address, guest, host: typeof bound === "object" && bound !== null ? bound.port : host });
      });
    });
  }

  /** Hands a connection to who listens at a port of the guest; answers whether there is anybody. */
  connect(port: number, connection: HostConnection): boolean {
    return this.take?.(port, connection) ?? false;
  }

  private arrived(port: number, socket: Socket): void {
    this.sockets.add(socket);
    socket.once("close", () => this.sockets.delete(socket));
    if (!this.connect(port, new SocketConnection(socket))) socket.resetAndDestroy();
  }

  /** Nobody comes in any more, and who is in is broken off. */
  close(): void {
    this.take = undefined;
    for (const server of this.servers.splice(0)) server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

function refusal(error: NodeJS.ErrnoException, address: string, port: number): PortRefusal {
  switch (error.code) {
    case "EADDRINUSE":
      return new PortRefusal(`port ${port} of ${address} is in use`, "Publish another one, or 0 for any that is free.");
    case "EACCES":
      return new PortRefusal(`port ${port} of ${address} is not for this user`, "Publish one from 1024 up.");
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new PortRefusal(`${address} is no address of this machine`, "Leave it out for 127.0.0.1.");
    default:
      return new PortRefusal(`port ${port} of ${address} cannot be published: ${error.code ?? error.message}`);
  }
}

/** A socket of Node, read only as fast as the guest takes it. */
class SocketConnection implements HostConnection {
  private readonly socket: Socket;
  private readonly listeners: (() => void)[] = [];
  private rest: Uint8Array = new Uint8Array();
  private ended = false;
  private broken = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("readable", () => this.tell());
    socket.on("drain", () => this.tell());
    socket.on("end", () => {
      this.ended = true;
      this.tell();
    });
    socket.on("error", () => {});
    socket.on("close", (failed) => {
      this.broken ||= failed || !this.ended;
      this.tell();
    });
  }

  read(maximum: number): Uint8Array | "empty" | "end" | "reset" {
    if (this.broken) return "reset";
    if (this.rest.length === 0) this.rest = (this.socket.read() as Uint8Array | null) ?? NOTHING;
    if (this.rest.length === 0) return this.ended ? "end" : "empty";
    const taken = this.rest.subarray(0, maximum);
    this.rest = this.rest.subarray(taken.length);
    return taken;
  }

  write(bytes: Uint8Array): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  get full(): boolean {
    return this.socket.writableNeedDrain;
  }

  end(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  onChange(call: () => void): void {
    this.listeners.push(call);
  }

  private tell(): void {
    for (const call of this.listeners) call();
  }
}

const NOTHING = new Uint8Array();
