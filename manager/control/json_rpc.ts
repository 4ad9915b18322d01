/** Error codes of JSON-RPC 2.0, section 5.1. */
export const RpcErrorCode = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  /** A command that failed; `data.code` says how. */
  commandFailed: -32000,
} as const;

/** Lines longer than this, in bytes, are refused. */
export const MAX_LINE_BYTES = 1024 * 1024;

/** What identifies a request and its answer. */
export type RpcId = string | number | null;

/** One call; without `id` it wants no answer. */
export interface RpcRequest {
  id?: RpcId;
  method: string;
  params?: unknown;
}

/** The error half of an answer. */
export interface RpcError {
  code: number;
  message: string;
  /** Our own stable, kebab-case code. */
  data?: { code: string };
}

/** One answer. */
export type RpcResponse =
  | { jsonrpc: "2.0"; id: RpcId; result: unknown }
  | { jsonrpc: "2.0"; id: RpcId; error: RpcError };

/** Checks what claims to be a request; `undefined` if it is none. */
export function parseRequest(value: unknown): RpcRequest | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { jsonrpc, id, method, params }: Record<string, unknown> = { ...value };
  if (jsonrpc !== "2.0" || typeof method !== "string") return undefined;
  const request = params === undefined ? { method } : { method, params };
  if (id === undefined) return request;
  return isId(id) ? { ...request, id } : undefined;
}

/** Checks what claims to be an answer; `undefined` if it is none. */
export function parseResponse(text: string): RpcResponse | undefined {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null) return undefined;
  const { jsonrpc, id, result, error }: Record<string, unknown> = { ...value };
  if (jsonrpc !== "2.0" || !isId(id)) return undefined;
  if (error === undefined) return { jsonrpc, id, result };
  const checked = parseError(error);
  return checked && { jsonrpc, id, error: checked };
}

/** Like `JSON.parse`, with `undefined` for what is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseError(value: unknown): RpcError | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { code, message, data }: Record<string, unknown> = { ...value };
  if (typeof code !== "number" || typeof message !== "string") return undefined;
  const own = typeof data === "object" && data !== null && "code" in data ? data.code : undefined;
  return typeof own === "string" ? { code, message, data: { code: own } } : { code, message };
}

function isId(value: unknown): value is RpcId {
  return value === null || typeof value === "string" || typeof value === "number";
}
