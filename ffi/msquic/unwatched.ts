/** For promises that nobody has to look at: who does not, hears of the error at the next call. */
export function ignore(): void {}

/** A promise that is rejected, and that nobody has to look at. */
export function refusal(error: Error): Promise<never> {
  const refused = Promise.reject(error);
  refused.catch(ignore);
  return refused;
}
