/**
 * What it takes to have a manager do something, apart from the manager: it loads quickly.
 *
 * @module
 */
export { callCommand } from "./call_command.ts";
export {
  callControl,
  type CallOptions,
  ControlError,
  ManagerNotRunningError,
  shutdownManager,
} from "./control_client.ts";
export { StateDirectory } from "../state/state_directory.ts";
