import { CodedError, CodedErrorOf, commandLine } from "../../base/mod.ts";
import { findUdpOwner, type PortOwner } from "./udp_owner.ts";

/** A port that was to be used is in use already. */
export class PortInUseError extends CodedError {
  readonly code = "port-in-use";
  readonly port: number;

  /** @param owner Who uses it; looked up if not given. */
  constructor(host: string, port: number, owner: PortOwner | undefined = findUdpOwner(port)) {
    const who = owner ? `process ${owner.pid} (${owner.command})` : "another process";
    super(
      `Cannot bind UDP port ${port} on ${host}: in use by ${who}; choose another with --ports`,
    );
    this.port = port;
  }
}

/** There are not as many free ports as there are to be workers. */
export class NoFreePortError extends CodedError {
  readonly code = "no-free-port";

  constructor(host: string, from: number) {
    super(`Cannot find a free UDP port on ${host} from ${from} up; name some with --ports`);
  }
}

/** A port cannot be reserved. */
export class CannotReserveError extends CodedErrorOf<"port-in-use" | "too-many-reservations"> {
  constructor(port: number, code: CannotReserveError["code"], reason: string) {
    super(code, `Cannot reserve UDP port ${port}: ${reason}`);
  }
}

/** A port that was to be released is not reserved. */
export class NotReservedError extends CodedError {
  readonly code = "not-reserved";

  constructor(port: number, instance: string) {
    const list = commandLine("ports", instance);
    super(`Cannot release UDP port ${port}: it is not reserved; to list the ports: ${list}`);
  }
}
