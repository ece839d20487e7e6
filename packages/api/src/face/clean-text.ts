import { type CleanText, vendorText } from '@patchbay/core/http'

/**
 * How the texts of an answer are cleaned of what the credential wrote, by an object of the answer that comes back with the library's error.
 * Nothing is put on that object, which loggers may print.
 */
const cleaners = new WeakMap<object, CleanText>()

export function rememberCleaner(answer: object, clean: CleanText): void {
  cleaners.set(answer, clean)
}

/** For an unknown answer: one that knows no secret, but all that looks like one. */
export function cleanerOf(answer: unknown): CleanText {
  const known = typeof answer === 'object' && answer !== null ? cleaners.get(answer) : undefined
  return known ?? ((text) => vendorText(text))
}
