import { spawn } from 'node:child_process'

export interface Ran {
  readonly ok: boolean
  readonly stdout: string
  /** Everything that was printed, for messages. */
  readonly output: string
}

/** Runs a program to its end, with `input` on its stdin. A program that is not there counts as one that failed. */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly input?: string; readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const { input = '', cwd, env } = options
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env, NODE_OPTIONS: '' } })
    const out: Buffer[] = []
    const all: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => {
      out.push(chunk)
      all.push(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => all.push(chunk))
    const end = (ok: boolean, note = ''): void =>
      resolve({ ok, stdout: Buffer.concat(out).toString(), output: `${Buffer.concat(all).toString()}${note}`.trim() })
    child.on('error', (error) => end(false, error.message))
    child.on('close', (status) => end(status === 0))
    // A program that ends before it has read everything is judged by its status.
    child.stdin.on('error', () => undefined).end(input)
  })
}

/** The end of a long output, where tools say what went wrong. */
export function lastLines(output: string, lines: number): string {
  return output.split('\n').slice(-lines).join('\n')
}
