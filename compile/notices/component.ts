/** Something of others' that an executable contains. */
export interface Component {
  /** Name and version. */
  readonly name: string;
  /** SPDX identifier of its licence. */
  readonly license: string;
  /** The licence in full, with the copyright notice; empty where its authors ship none. */
  readonly text: string;
  /** What else there is to know, a sentence or two. */
  readonly remark?: string;
}
