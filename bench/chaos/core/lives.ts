import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

export type Message = Readonly<Record<string, unknown>>

/** One life of a process that is to be killed. */
export interface Life {
  /** What it said when it was ready. */
  readonly greeting: Message
  /** True once it is dead. */
  readonly over: boolean
  /** Resolves when it is dead. Rejects when it ended by itself: then the program has a fault of its own. */
  readonly death: Promise<void>
  send(message: Message): void
  /** SIGKILL, at once. */
  kill(): void
}

/**
 * Starts the lives of one program. The next process is forked while the present one lives, and waits for its beginning with everything
 * loaded, so that a restart costs no start of Node.
 */
export class Lives {
  readonly #program: URL
  readonly #nodeOptions: readonly string[]
  readonly #children = new Set<ChildProcess>()
  #next: Promise<ChildProcess> | undefined

  constructor(program: URL, nodeOptions: readonly string[]) {
    this.#program = program
    this.#nodeOptions = nodeOptions
  }

  /** Begins a life; resolves when its process says that it is ready. */
  async begin(settings: object, onMessage: (message: Message) => void): Promise<Life> {
    const child = await (this.#next ?? this.#fork())
    this.#next = this.#fork()
    this.#next.catch(() => undefined)
    const death = this.#deathOf(child)
    death.catch(() => undefined)
    const greeted = new Promise<Message>((resolve) => {
      let listener: (message: Message) => void = resolve
      child.on('message', (message) => {
        listener(message as Message)
        listener = onMessage
      })
    })
    child.send(settings)
    // Killed before it was ready is a death like any other.
    const greeting = (await Promise.race([greeted, death])) ?? {}
    return {
      greeting,
      get over() {
        return dead(child)
      },
      death,
      send: (message) => void (child.connected && child.send(message, () => undefined)),
      kill: () => void child.kill('SIGKILL'),
    }
  }

  /** Ends every process of the program that still runs. */
  async close(): Promise<void> {
    await this.#next?.catch(() => undefined)
    const gone = [...this.#children].filter((child) => !dead(child)).map((child) => once(child, 'exit'))
    for (const child of this.#children) child.kill('SIGKILL')
    await Promise.all(gone)
  }

  async #fork(): Promise<ChildProcess> {
    const child = fork(this.#program, [], {
      execArgv: ['--disable-warning=ExperimentalWarning', ...this.#nodeOptions],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#children.add(child)
    child.once('exit', () => this.#children.delete(child))
    // A channel of a killed process breaks while something is on its way.
    child.on('error', () => undefined)
    const ended = once(child, 'exit').then(() => Promise.reject(new Error(`${this.#program.pathname} ended early`)))
    ended.catch(() => undefined)
    await Promise.race([once(child, 'message'), ended])
    return child
  }

  async #deathOf(child: ChildProcess): Promise<undefined> {
    const [code, signal] = dead(child) ? [child.exitCode, child.signalCode] : await once(child, 'exit')
    if (signal !== 'SIGKILL') throw new Error(`${this.#program.pathname} ended by itself: ${code ?? signal}`)
  }
}

/** Waits for a death that is to come by itself; after `ms` milliseconds it is brought about. False: it had to be. */
export async function deathWithin(life: Life, ms: number): Promise<boolean> {
  let arrived = true
  const timer = setTimeout(() => {
    arrived = false
    life.kill()
  }, ms)
  try {
    await life.death
  } finally {
    clearTimeout(timer)
  }
  return arrived
}

function dead(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
