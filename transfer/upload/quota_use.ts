import type { QuotaUse } from "../../protocol/messages/file_quotas.ts";
import { holdStorage } from "../storage/held_root.ts";
import { tokenKey } from "../storage/quotas.ts";
import { Usage } from "../storage/usage.ts";
import { listPromised, promisedFor } from "./promises.ts";
import type { UploadStorage } from "./upload_storage.ts";

/**
 * The quotas of directories, and that of a token, with what is used of them.
 *
 * @param storer Name of the token, if there is one.
 * @throws {StorageUnavailableError | ProtocolError}
 */
export async function quotaUse(
  storage: UploadStorage,
  storer: string | undefined,
  signal?: AbortSignal,
): Promise<QuotaUse[]> {
  const own = storer === undefined ? undefined : tokenKey(storer);
  const quotas = storage.quotas.all.filter(({ of, key }) => of === "directory" || key === own);
  if (quotas.length === 0) return [];
  using held = holdStorage(storage);
  using usage = await Usage.open(held, signal);
  const staged = await listPromised(held.staging, storage.tryLock, undefined);
  return quotas.map(({ key, of, name, bytes }) => ({
    ...{ of, name, bytes },
    stored: usage.used(key).stored,
    promised: staged.reduce((sum, one) => sum + promisedFor(key, one), 0),
  }));
}
