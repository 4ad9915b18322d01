import {
  ActionFailedError,
  BatchError,
  CallRefusedError,
  InterruptedError,
  MissingTargetError,
  NoAnswerError,
  OutputError,
  ReaderGoneError,
} from "../../cli/errors.ts";
import { howActionEnded } from "../../cli/text/actions.ts";
import { NoWorkerServesError } from "../../cli/files/unserved.ts";
import { NoCurrentDirectoryError } from "../../base/mod.ts";
import {
  CallTimeoutError,
  NameResolutionError,
  RequestGivenUpError,
  RequestLostError,
  SessionEndedError,
} from "../../client/errors.ts";
import { SystemError } from "../../ffi/files/system_error.ts";
import { FileLockError } from "../../ffi/file_lock/file_lock_error.ts";
import { MsQuicError } from "../../ffi/msquic/errors.ts";
import { UdpPlaceholderError } from "../../ffi/port/udp_placeholder_error.ts";
import { UnknownCommandError } from "../../handlers/commands/registry.ts";
import { UnexpectedResultError } from "../../handlers/commands/schema.ts";
import { AmbiguousIdError, NoSessionError } from "../../handlers/commands/session_status.ts";
import { NoTransferError, TransferDoneError } from "../../handlers/commands/transfer_status.ts";
import { NoUploadError, UploadActiveError } from "../../handlers/commands/upload_status.ts";
import {
  ChannelClosedError,
  DeadlineExceededError,
  MessageTooLargeError,
  PeerReplacedError,
  TooManyRequestsError,
} from "../../ipc/errors.ts";
import { LogIsLinkError } from "../../log/rotating_file.ts";
import { CertificateError } from "../../manager/state/certificate_error.ts";
import { ConfigNotFoundError, InvalidConfigError } from "../../manager/config/config_errors.ts";
import { ManagerNotRunningError } from "../../manager/control/control_client.ts";
import { NestedManagerError } from "../../manager/manager.ts";
import { SocketPathTooLongError } from "../../manager/control/control_path.ts";
import { InstanceRunningError } from "../../manager/state/instance_lock.ts";
import { InvalidInstanceError } from "../../manager/state/instance_name.ts";
import { LineTooLongError } from "../../base/lines.ts";
import {
  CannotReserveError,
  NoFreePortError,
  NotReservedError,
  PortInUseError,
} from "../../manager/ports/port_errors.ts";
import { PortNotAllowedError } from "../../manager/ports/port_probe.ts";
import { InvalidPortsError } from "../../manager/config/port_plan.ts";
import {
  NoTokenError,
  TokenExistsError,
  TokenExpiredError,
  TooManyTokensError,
} from "../../manager/state/token_errors.ts";
import { NoStateDirectoryError } from "../../manager/state/state_directory.ts";
import {
  NoSuchWorkerError,
  NoWorkerProcessError,
  RestartError,
  ShuttingDownError,
  SupersededError,
  TooManyWorkersError,
  WorkerExistsError,
} from "../../manager/supervision/supervision_errors.ts";
import { WorkerStartError } from "../../manager/supervision/worker_failure.ts";
import {
  TaskDeadlineError,
  TaskFailedError,
  TaskQueueFullError,
  TasksClosedError,
  TaskThreadLostError,
  UnknownTaskError,
} from "../../tasks/errors.ts";
import { CertificateChangedError } from "../../worker/life/loaded_certificate.ts";
import {
  HandlerModuleError,
  SpreadModuleError,
  TaskModuleError,
} from "../../worker/own_handlers/module_error.ts";
import { NotStartedError } from "../../worker/life/manager_requests.ts";

const taken = { code: "port-in-use", message: "Cannot bind UDP port 4433 on 127.0.0.1: in use" };

const ended = { action: "backup", server: "127.0.0.1:4433", ms: 60_000, dropped: 0 };

/**
 * Errors that word their own message, made as they are made in earnest; of classes that are given their
 * message, what they are given is read from the code.
 */
export const CATALOGUE: readonly Error[] = [
  new NoCurrentDirectoryError("storage"),
  new InterruptedError(),
  new CallRefusedError("not-found", 'No value for "c"'),
  new BatchError(
    { code: "file-exists", message: 'Cannot store "a": a file is there already' },
    [{ name: "a", code: "file-exists", message: "" }],
    [{}],
    2,
  ),
  new ActionFailedError(false, howActionEnded({ ...ended, exitCode: 3 }), {}),
  new ActionFailedError(false, howActionEnded({ ...ended, signal: "SIGKILL" }), {}),
  new ActionFailedError(false, howActionEnded({ ...ended, ended: "leaving" }), {}),
  new ActionFailedError(true, howActionEnded({ ...ended, ended: "deadline" }), {}),
  new MissingTargetError(["--server HOST:PORT", "--token"], new NoStateDirectoryError()),
  new NoAnswerError("None of 5 datagrams to 127.0.0.1:4433 was answered; ask on streams"),
  new OutputError(new Error("Broken pipe (os error 32)")),
  new OutputError(
    Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" }),
  ),
  new ReaderGoneError(),
  new NoWorkerServesError("mine", []),
  new NameResolutionError('Cannot find the host "nas": its name leads to no address'),
  new CallTimeoutError(1000),
  new RequestGivenUpError("127.0.0.1:4433", 3, undefined),
  new SessionEndedError(undefined),
  new SessionEndedError("maintenance", true),
  new RequestLostError("127.0.0.1:4433", undefined),
  new SystemError("EACCES", "/srv/files/a"),
  new FileLockError("/srv/files/a", "EACCES"),
  new MsQuicError("ListenerStart", 98),
  new UdpPlaceholderError(4433, "EACCES"),
  new UnknownCommandError("frob"),
  new UnexpectedResultError("status", "workers.0.port"),
  new AmbiguousIdError("0011", ["001122 of 127.0.0.1:5000 on port 4433", "001133 of …"]),
  new NoSessionError("0011", "default"),
  new NoTransferError("0011", "default"),
  new TransferDoneError("001122334455"),
  new NoUploadError("0011", "default"),
  new UploadActiveError("001122334455", "default"),
  new ChannelClosedError(),
  new DeadlineExceededError("ping", 1000),
  new MessageTooLargeError(20_000_000, 16_777_216),
  new PeerReplacedError(),
  new TooManyRequestsError(1024),
  new CertificateError("/state/cert.pem", "its key is missing", "put it there, or remove this"),
  new ConfigNotFoundError("/etc/msquicd.jsonc"),
  new InvalidConfigError("/etc/msquicd.jsonc", 3, '"workers" must be a whole number from 1 to 256'),
  new ManagerNotRunningError("default"),
  new ManagerNotRunningError("mine", {}, [{ port: 4433, pid: 77 }]),
  new SocketPathTooLongError("/a/very/long/path/control.sock"),
  new InstanceRunningError("default", 77),
  new InstanceRunningError("mine", undefined),
  new InvalidInstanceError("My Server"),
  new LogIsLinkError("/state/manager.log"),
  new NestedManagerError(),
  new LineTooLongError(1_048_576),
  new CannotReserveError(4433, "port-in-use", "a worker of this manager has it"),
  new NoFreePortError("127.0.0.1", 4433),
  new NotReservedError(4433, "mine"),
  new PortInUseError("127.0.0.1", 4433, { pid: 77, command: "caddy" }),
  new PortNotAllowedError("127.0.0.1", 443),
  new InvalidPortsError("4433-", '"4433-" is neither a port nor a range'),
  new NoStateDirectoryError(),
  new NoSuchWorkerError([4433], "default"),
  new NoSuchWorkerError([4433, 4434], "mine"),
  new NoWorkerProcessError(4433, "stopped", "mine"),
  new RestartError(new Map([[4433, { failure: taken, kept: false }]]), [4434]),
  new RestartError(new Map([[4433, { failure: taken, kept: true }]])),
  new ShuttingDownError(),
  new SupersededError(4433, "mine"),
  new TokenExistsError("ci", "default"),
  new NoTokenError("ci", "mine"),
  new TokenExpiredError("ci"),
  new TooManyTokensError(),
  new TooManyWorkersError(256),
  new WorkerExistsError(4433, "stopped", "mine"),
  new WorkerStartError(new Map([[4433, taken]])),
  new CertificateChangedError("/state/cert.pem"),
  new HandlerModuleError("/srv/mine.js", { reason: "there is no such file" }),
  new HandlerModuleError("/srv/mine.js", { reason: "Unexpected token", line: 3 }),
  new HandlerModuleError("/srv/mine.js", { reason: "Bad", file: "/srv/other.js", line: 3 }),
  new NotStartedError(),
  new TaskModuleError("/srv/thumbnail.js", { reason: "there is no such file" }),
  new SpreadModuleError("/srv/load.js", { reason: "there is no such file" }),
  new UnknownTaskError("example.thumbnail"),
  new TaskQueueFullError("example.thumbnail", 256),
  new TaskDeadlineError("example.thumbnail", 5000, true),
  new TaskDeadlineError("example.thumbnail", 5000, false),
  new TaskThreadLostError("example.thumbnail", "Uncaught Error: no more memory"),
  new TaskFailedError("example.thumbnail", new Error("no image")),
  new TasksClosedError("example.thumbnail"),
];
