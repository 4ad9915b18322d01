import type { Command } from "./command.ts";
import { cancel } from "./cancel.ts";
import { config } from "./config.ts";
import { drain } from "./drain.ts";
import { kick } from "./kick.ts";
import { handlers } from "./handlers.ts";
import { limitRate } from "./limit_rate.ts";
import { ports } from "./ports.ts";
import { releasePort } from "./release_port.ts";
import { removeUploadsCommand } from "./remove_uploads.ts";
import { reservePort } from "./reserve_port.ts";
import { restart } from "./restart.ts";
import { send } from "./send.ts";
import { sessions } from "./sessions.ts";
import { shutdown } from "./shutdown.ts";
import { spawn } from "./spawn.ts";
import { status } from "./status.ts";
import { stop } from "./stop.ts";
import { addToken } from "./token_add.ts";
import { revokeToken } from "./token_revoke.ts";
import { rotateToken } from "./token_rotate.ts";
import { tokenQuota } from "./token_quota.ts";
import { tokens } from "./tokens.ts";
import { transfers } from "./transfers.ts";
import { uploads } from "./uploads.ts";

/** The commands every manager has, in the order of help: all that is to be said of one is in its file. */
export const MANAGEMENT_COMMANDS: readonly Command[] = [
  status,
  spawn,
  stop,
  restart,
  drain,
  ports,
  reservePort,
  releasePort,
  sessions,
  kick,
  transfers,
  cancel,
  uploads,
  removeUploadsCommand,
  limitRate,
  tokens,
  addToken,
  revokeToken,
  rotateToken,
  tokenQuota,
  handlers,
  send,
  config,
  shutdown,
];
