import type { DiskTraits } from "./disk_probe.ts";

/** The longest name that a storage gives to files on their way, in bytes. */
export const OWN_NAME_BYTES = 128;

/**
 * What a disk lacks, and what follows from that; nothing of what is done another way, and just as well.
 *
 * @returns One part of a sentence for each.
 */
export function whatLacks(traits: DiskTraits): string[] {
  const told: string[] = [];
  const { links, renamesNew, locks, attributes, allocates, modes, timeStepMs } = traits;
  if (!links && !renamesNew) {
    told.push("a new file's name shows an empty file for a moment, as names are claimed so");
  }
  if (!locks) told.push("uploads that are interrupted begin again, as it has no locks");
  if (!allocates) told.push("the room for an upload is counted, and not reserved");
  if (!attributes) told.push("verify does not know what files were when they were stored");
  if (!modes) told.push("who may execute a file is not kept");
  if (timeStepMs > 1) told.push(`times are kept to ${timeStepMs / 1000} s`);
  if (!traits.tellsCase) told.push("of two names that differ in case only the second is refused");
  if (!traits.tellsForms) {
    told.push("of two names that differ in how letters are composed the second is refused");
  }
  if (!traits.unicode) told.push("names have to be of ASCII");
  if (traits.nameBytes < 255) told.push(`parts of names have ${traits.nameBytes} bytes at most`);
  return told;
}
