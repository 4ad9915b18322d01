/** MsQuic's binary interface: tables only, tested against the C headers. */
export * from "./api_table.ts";
export * from "./constants.ts";
export * from "./event_queue.ts";
export * from "./events.ts";
export * from "./settings.ts";
export * from "./status.ts";
export * from "./structs.ts";
