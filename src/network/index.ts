export { type Connect, fetchFrom } from "./fetch.ts";
export { type Connection, streamsOver } from "./streams.ts";
export { portWire, type Wire, wirePair } from "./wire.ts";
export { WireConnection } from "./wire-connection.ts";
