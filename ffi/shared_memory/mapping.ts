/** A shared memory object mapped into this process; what the platform variants hand out. */
export interface Mapping {
  readonly buffer: ArrayBuffer;
  /** Takes the mapping away. The caller has made sure that nothing looks at it any more. */
  unmap(): void;
}
