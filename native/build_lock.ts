/**
 * Waits until no other process builds, then keeps others from it until disposed of. The operating
 * system gives the lock back when its holder ends, however it ends.
 *
 * @param onWait Called once if there is something to wait for.
 */
export async function acquireBuildLock(path: string, onWait: () => void): Promise<Disposable> {
  const file = await Deno.open(path, { write: true, create: true });
  const timer = setTimeout(onWait, 500);
  try {
    await file.lock(true);
    return file;
  } catch (error) {
    file.close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
