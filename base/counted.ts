/** So many of something, for people: `1 file`, `2 files`, `0 directories`. */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
