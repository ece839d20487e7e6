/** What a command may touch of the process that it runs in. */
export interface Terminal {
  /** Results, for people or other programs. */
  out(text: string): void
  /** Issues and progress. */
  error(text: string): void
  /** Whether `error` may be coloured. */
  readonly colours: boolean
  /** Paths are relative to it. */
  readonly folder: string
}

const codes = { red: 31, yellow: 33, bold: 1, dim: 2 } as const

/** Text in a colour where the terminal has some. */
export function coloured({ colours }: Terminal, colour: keyof typeof codes, text: string): string {
  return colours ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text
}

/** One line without characters that move the cursor or change colours: texts come from files of others. */
export const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
