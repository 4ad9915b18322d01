import { FIRST_CUSTOM_TYPE } from "../../protocol/mod.ts";

/** The message whose handler reads nothing of its data. */
export const DEAF = FIRST_CUSTOM_TYPE;

/** The one whose handler stops reading, after so many bytes. */
export const TIRED = FIRST_CUSTOM_TYPE + 1;
export const TIRED_AFTER = 1024 * 1024;
