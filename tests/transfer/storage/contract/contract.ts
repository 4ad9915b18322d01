import { contentContract } from "./content.ts";
import { nameContract } from "./names.ts";
import { resumeContract } from "./resume.ts";
import type { Subject, Traits } from "./subject.ts";
import { treeContract } from "./tree.ts";
import { writerContract } from "./writers.ts";

/** A test of the contract: what it says, and how to see that a storage does it. */
export interface Clause {
  readonly says: string;
  check(subject: Subject, traits: Traits): Promise<void>;
}

/**
 * What every kind of storage does, as tests: of each there is one for each clause.
 *
 * @param kind For the tests' names.
 * @param open Makes a storage with nothing in it.
 * @param traits What it need not do as others do.
 */
export function testStorage(
  kind: string,
  open: () => Promise<Subject>,
  { ignore = false, ...traits }: Traits & { ignore?: boolean } = {},
): void {
  const clauses: readonly Clause[] = [
    ...contentContract,
    ...writerContract,
    ...resumeContract,
    ...nameContract,
    ...treeContract,
  ];
  for (const { says, check } of clauses) {
    Deno.test({
      name: `Storage (${kind}) ${says}`,
      ignore,
      async fn() {
        await using subject = await open();
        await check(subject, traits);
      },
    });
  }
}
