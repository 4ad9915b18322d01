import * as messages from "./messages/mod.ts";

/** What {@linkcode MessageType} holds: the type of each message by the name of its definition. */
type Types = {
  readonly [Name in keyof typeof messages]: (typeof messages)[Name]["type"];
};

/** Message types of this protocol. Those from {@linkcode FIRST_CUSTOM_TYPE} up are free for one's own. */
export const MessageType: Types = Object.fromEntries(
  Object.entries(messages)
    .map(([name, { type }]) => [name, type] as const)
    .sort(([, one], [, other]) => one - other),
) as Types;

/** One of the message types of {@linkcode MessageType}. */
export type MessageType = typeof MessageType[keyof typeof MessageType];

/** The lowest message type that this protocol never gives a meaning to. */
export const FIRST_CUSTOM_TYPE = 0x8000;
