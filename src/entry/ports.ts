/** Ports of this machine that lead to a guest's, in Docker's notation. */

export interface Port {
  /** Default 127.0.0.1: only this machine can connect. */
  readonly address?: string;
  /** 0 for any that is free. */
  readonly host: number;
  readonly guest: number;
}

const MOST = 65_535;

/** Parses `[[ADDRESS:]HOST:]GUEST[/tcp]`; answers a sentence if it is none. */
export function parsePort(text: string): Port | string {
  const match = /^(?:(?:(\[[^\]]*\]|[^:[\]]+):)?(\d*):)?(\d+)(?:\/(\w+))?$/.exec(text);
  if (match === null) return "A port is HOST:GUEST, such as 8080:80, or ADDRESS:HOST:GUEST.";
  const [, address, host = "", guest, protocol = "tcp"] = match;
  if (protocol !== "tcp") return `Only TCP ports can be published, not ${protocol}.`;
  const port = { host: Number(host), guest: Number(guest) };
  if (port.host > MOST || port.guest > MOST || port.guest === 0) return "Ports go from 1 to 65535.";
  return address === undefined ? port : { ...port, address: address.replace(/^\[|\]$/g, "") };
}
