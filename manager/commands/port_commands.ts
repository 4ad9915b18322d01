import type { CommandContext } from "../../handlers/commands/mod.ts";
import type { Workers } from "../bring_up.ts";
import type { ManagerConfig } from "../config/config.ts";
import { portReport } from "./port_report.ts";

/** What commands can do about the ports. */
export function portCommands(
  { ports, supervisor }: Workers,
  { host }: ManagerConfig,
): Pick<CommandContext, "ports" | "reservePort" | "releasePort"> {
  const report = (only?: number) => portReport(host, ports, supervisor.status(), only);
  const reportOne = async (port: number) => {
    const [status] = await report(port);
    if (status) return status;
    throw new Error(`Port ${port} is missing in the report`);
  };
  return {
    ports: async () => {
      await ports.keepReserved();
      return await report();
    },
    reservePort: async (port) => {
      await ports.reserve(port);
      return await reportOne(port);
    },
    releasePort: async (port) => {
      await ports.unreserve(port);
      return await reportOne(port);
    },
  };
}
