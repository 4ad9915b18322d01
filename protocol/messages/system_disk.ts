import type { MessageDefinition } from "../definition.ts";
import { fieldsOf } from "../fields.ts";
import { type DiskInfo, disksField, type EmptyRequest, parseNothing } from "../system_bodies.ts";

/** Answer to `system.disk`. */
export interface SystemDiskResponse {
  disks: DiskInfo[];
}

/** Tells of the disks that the storage is on. */
export const systemDisk: MessageDefinition<EmptyRequest, SystemDiskResponse, 36> = {
  type: 36,
  name: "system.disk",
  right: "system",
  parseRequest: parseNothing,
  parseResponse: (body) => ({ disks: disksField(fieldsOf(body)) }),
};
