import { mkdir, open, writeFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { CommandError, exitStatus } from './exit-status.ts'
import type { Terminal } from './terminal.ts'

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be opened',
  EPERM: 'it may not be opened',
  EISDIR: 'it is a folder',
  EEXIST: 'it is there already',
  ENOTDIR: 'a part of the path is no folder',
}

function failure(path: string, error: unknown): CommandError {
  const code = String((error as { code?: unknown }).code)
  return new CommandError(exitStatus.unreadable, `${path}: ${reasons[code] ?? code}`)
}

/** Reads a text of bounded size. */
export async function readText({ folder }: Terminal, path: string, most: number): Promise<string> {
  try {
    const file = await open(resolve(folder, path))
    try {
      const { size } = await file.stat()
      if (size > most) throw new CommandError(exitStatus.unreadable, `${path}: it has more than ${most} bytes`)
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (error) {
    throw error instanceof CommandError ? error : failure(path, error)
  }
}

/** Writes a file and tells its name; with `fresh` it must not be there yet. */
export const writeText = (terminal: Terminal, path: string, text: string, fresh = false): Promise<void> =>
  write(terminal, path, text, { flag: fresh ? 'wx' : 'w' })

export const writeBytes = (terminal: Terminal, path: string, bytes: Uint8Array): Promise<void> =>
  write(terminal, path, bytes, { flag: 'w' })

/** Writes a new file that only its owner reads, where the system knows owners. */
export const writeSecret = (terminal: Terminal, path: string, text: string): Promise<void> =>
  write(terminal, path, text, { flag: 'wx', mode: 0o600 })

async function write(
  terminal: Terminal,
  path: string,
  content: string | Uint8Array,
  options: { readonly flag: string; readonly mode?: number },
): Promise<void> {
  const target = resolve(terminal.folder, path)
  try {
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, content, options)
  } catch (error) {
    throw failure(path, error)
  }
  terminal.error(`wrote ${relative(terminal.folder, target) || target}\n`)
}

/** Writes to `-o`, or to the output. */
export async function deliver(terminal: Terminal, target: string | undefined, text: string): Promise<void> {
  if (target === undefined) terminal.out(text)
  else await writeText(terminal, target, text)
}
