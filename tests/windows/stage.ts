import type { Site } from "../e2e/harness.ts";
import type { Side } from "./side.ts";
import type { SystemTools } from "./system_tools.ts";
import type { Transcript } from "./transcript.ts";
import type { WindowsHost } from "./windows_host.ts";

/** What the checks work with. */
export interface Stage {
  readonly host: WindowsHost;
  /** The executable that is tested. */
  readonly executable: string;
  readonly site: Site;
  readonly tools: SystemTools;
  readonly transcript: Transcript;
  readonly windows: Side;
  /** This system, where it is another one. */
  readonly here: Side | undefined;
}
