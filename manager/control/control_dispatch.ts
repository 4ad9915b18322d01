import { getLogger } from "@logtape/logtape";
import {
  type CommandContext,
  InvalidParametersError,
  UnknownCommandError,
} from "../../handlers/commands/mod.ts";
import type { CommandRunner } from "./audited_commands.ts";
import {
  parseJson,
  parseRequest,
  type RpcError,
  RpcErrorCode,
  type RpcResponse,
} from "./json_rpc.ts";

const logger = getLogger(["msquicd", "control"]);

/**
 * Runs what one line asks for: a call, or a batch of calls, one after the other.
 *
 * @returns The line to answer with; `undefined` if none is wanted. Never rejects.
 */
export async function answer(
  line: string,
  registry: CommandRunner,
  context: CommandContext,
): Promise<string | undefined> {
  const value = parseJson(line);
  if (value === undefined) {
    return refuse(RpcErrorCode.parseError, "Cannot read this line: not JSON");
  }
  if (!Array.isArray(value)) return toLine(await call(value, registry, context));
  if (value.length === 0) return refuse(RpcErrorCode.invalidRequest, "Cannot run an empty batch");
  const responses: RpcResponse[] = [];
  for (const item of value) {
    const response = await call(item, registry, context);
    if (response) responses.push(response);
  }
  return responses.length > 0 ? JSON.stringify(responses) : undefined;
}

/**
 * The line that answers what is not understood, or not served.
 *
 * @param ownCode Our own code for it, if it has one.
 */
export function refuse(code: number, message: string, ownCode?: string): string {
  const data = ownCode === undefined ? {} : { data: { code: ownCode } };
  return JSON.stringify(failure(null, { code, message, ...data }));
}

async function call(
  value: unknown,
  registry: CommandRunner,
  context: CommandContext,
): Promise<RpcResponse | undefined> {
  const request = parseRequest(value);
  if (!request) {
    return failure(null, {
      code: RpcErrorCode.invalidRequest,
      message: "Cannot run this: not a JSON-RPC 2.0 request",
    });
  }
  const { id, method, params } = request;
  try {
    const result = await registry.run(method, context, params) ?? null;
    return id === undefined ? undefined : { jsonrpc: "2.0", id, result };
  } catch (error) {
    logger.debug("Command {method} failed: {error}", { method, error });
    return id === undefined ? undefined : failure(id, toRpcError(error));
  }
}

function toRpcError(error: unknown): RpcError {
  const message = error instanceof Error ? error.message : String(error);
  const own = error instanceof Error && "code" in error ? error.code : undefined;
  return {
    code: rpcCodeOf(error),
    message,
    data: { code: typeof own === "string" ? own : "failed" },
  };
}

function rpcCodeOf(error: unknown): number {
  if (error instanceof UnknownCommandError) return RpcErrorCode.methodNotFound;
  if (error instanceof InvalidParametersError) return RpcErrorCode.invalidParams;
  return RpcErrorCode.commandFailed;
}

function failure(id: string | number | null, error: RpcError): RpcResponse {
  return { jsonrpc: "2.0", id, error };
}

function toLine(response: RpcResponse | undefined): string | undefined {
  return response && JSON.stringify(response);
}
