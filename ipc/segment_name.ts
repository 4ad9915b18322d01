const RANDOM_BYTES = 16;
const MAX_INSTANCE_LENGTH = 40;

/**
 * A name for a segment that nobody can guess: `msquicd-<instance>-<port>-<128 random bits>`.
 *
 * The instance and the port are for people who look into /dev/shm; what an instance's name may hold
 * and a segment's may not is replaced.
 */
export function segmentName(instance: string, port: number): string {
  const readable = instance.replace(/[^A-Za-z0-9_.-]/g, "_").slice(0, MAX_INSTANCE_LENGTH);
  const random = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)).toHex();
  return `msquicd-${readable}-${port}-${random}`;
}
