/** struct mq_attr (linux/mqueue.h). */
import { array, i64, type StructOf, struct } from "../../base/struct.ts";

export const mqAttr = struct({
  flags: i64,
  maxMessages: i64,
  messageSize: i64,
  messages: i64,
  reserved: array(i64, 4),
});

export type MqAttr = StructOf<typeof mqAttr>;
