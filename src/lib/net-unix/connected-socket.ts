/** Connections: listening, connecting, accepting, parting (unix_stream_connect, unix_accept, unix_release_sock). */
import { EAGAIN, ECONNREFUSED, ECONNRESET, EINVAL, EISCONN, Errno, type Result } from "../../abi/errno.ts";
import { SHUT } from "../../abi/socket.ts";
import type { Task } from "../../kernel/task.ts";
import type { Answer } from "../../kernel/wait.ts";
import { chain } from "../posix-fdio/chain.ts";
import type { OpenFile } from "../posix-fdtab/index.ts";
import type { Identity } from "../socket/index.ts";
import { findSocket } from "./names.ts";
import { identityOfPeer, UnixSocket } from "./unix-socket.ts";

/** What streams and packet sockets have in common. */
export abstract class ConnectedSocket extends UnixSocket {
  private state: "unconnected" | "listening" | "connected" = "unconnected";
  /** How many may wait to be accepted, beside one. */
  private backlog = 0;
  /** Listeners' ends of connections that nobody has accepted. */
  private readonly waiting: ConnectedSocket[] = [];

  /** Makes a socket of the same kind. */
  protected abstract make(task: Task): ConnectedSocket;

  override get listening(): boolean {
    return this.state === "listening";
  }

  get connected(): boolean {
    return this.state === "connected";
  }

  protected override get unconnected(): boolean {
    return this.state === "unconnected";
  }

  protected override get hasWaiting(): boolean {
    return this.waiting.length > 0 || super.hasWaiting;
  }

  override listen(task: Task, backlog: number): Result<0> {
    if (!this.bound || this.state === "connected") return EINVAL;
    if (backlog > this.backlog) this.wakeBlocked();
    this.backlog = backlog;
    this.state = "listening";
    this.peerIdentity = identityOfPeer(task);
    return 0;
  }

  connect(task: Task, address: Uint8Array): Answer<0> {
    const named = this.nameForIdentity(task);
    if (named instanceof Errno) return named;
    return chain(findSocket(task, address, this.socketType), (found): Result<0> => {
      const listener = found as ConnectedSocket;
      if (!listener.listening || listener.receiveShut) return ECONNREFUSED;
      if (listener.waiting.length > listener.backlog) {
        listener.blocked.add(this);
        return EAGAIN;
      }
      if (this.state !== "unconnected") return this.state === "connected" ? EISCONN : EINVAL;
      const end = this.make(task);
      end.borrowName(listener);
      end.join(this, identityOfPeer(task));
      this.join(end, listener.peerIdentity);
      listener.waiting.push(end);
      listener.readiness.wake();
      return 0;
    });
  }

  /** Takes a peer: also how the two of a pair are made. */
  join(peer: ConnectedSocket, identity: Identity): void {
    this.peer = peer;
    this.peerIdentity = identity;
    this.state = "connected";
    this.readiness.wake();
  }

  override accept(): Result<UnixSocket> {
    if (this.state !== "listening") return EINVAL;
    const end = this.waiting.shift();
    if (end === undefined) return this.receiveShut ? EINVAL : EAGAIN;
    this.wakeBlocked();
    return end;
  }

  override shutdown(how: number): Result<0> {
    const done = super.shutdown(how);
    if (done === 0) this.peer?.shut(how !== SHUT.RD, how !== SHUT.WR);
    return done;
  }

  override carried(): readonly OpenFile[] {
    return [...super.carried(), ...this.waiting.flatMap((end) => end.carried())];
  }

  override discardQueue(): void {
    super.discardQueue();
    for (const end of this.waiting) end.discardQueue();
  }

  protected override released(): void {
    const { peer } = this;
    const lost = this.queue.length > 0 || this.waiting.length > 0;
    super.released();
    this.state = "unconnected";
    this.peer = undefined;
    for (const end of this.waiting.splice(0)) end.refuse();
    if (peer === undefined || peer.gone) return;
    if (lost) peer.error = ECONNRESET;
    peer.shut(true, true);
  }

  /** The listener's end of a connection goes, and nobody had accepted it. */
  private refuse(): void {
    const { peer } = this;
    this.released();
    peer?.fail(ECONNRESET);
  }
}
