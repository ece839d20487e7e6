import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

export interface Child {
  /** What the child said first. */
  readonly greeting: unknown
  end(): Promise<void>
}

/** Starts a program of this folder as a process of its own and waits for its first message. It ends with this process. */
export async function startChild(
  file: string,
  args: readonly string[] = [],
  nodeOptions: readonly string[] = [],
): Promise<Child> {
  const child = fork(new URL(file, import.meta.url), args, {
    execArgv: [...process.execArgv, ...nodeOptions],
    stdio: 'inherit',
  })
  const greeting = await firstMessage(child)
  return {
    greeting,
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

/** Runs a program of this folder to its end and gives the one message it sends. */
export async function askChild(
  file: string,
  args: readonly string[] = [],
  nodeOptions: readonly string[] = [],
): Promise<unknown> {
  const { greeting, end } = await startChild(file, args, nodeOptions)
  await end()
  return greeting
}

async function firstMessage(child: ChildProcess): Promise<unknown> {
  const exited = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`${child.spawnargs.at(-1)} ended before it answered: ${code ?? signal}`)
  })
  const [message] = await Promise.race([once(child, 'message'), exited])
  return message
}
