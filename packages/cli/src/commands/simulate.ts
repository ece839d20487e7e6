import { simulate } from '@patchbay/api/simulator'
import { type Command, textOf } from '../command.ts'
import { CommandError, exitStatus } from '../exit-status.ts'
import { onlyOne, validManifest } from '../manifests.ts'
import { seedOf } from './test.ts'

/** Serves a simulated vendor until the process is told to stop. */
export const command: Command = {
  options: { port: { type: 'string' }, seed: { type: 'string' }, credential: { type: 'string' } },
  async run(terminal, files, values) {
    const manifest = await validManifest(terminal, onlyOne(files, 'manifest'))
    const port = Number(textOf(values, 'port') ?? 0)
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new CommandError(exitStatus.usage, '--port must be 0 to 65535')
    const credential = textOf(values, 'credential')
    if (credential !== undefined && !manifest.credentials.some(({ id }) => id === credential))
      throw new CommandError(exitStatus.usage, `${manifest.id} has no credential ${credential}`)
    const simulator = simulate(manifest, { seed: seedOf(textOf(values, 'seed')), credential })
    const server = await simulator.listen({ port }).catch((error: NodeJS.ErrnoException) => {
      throw new CommandError(exitStatus.unreadable, `port ${port}: ${error.code ?? 'it cannot be opened'}`)
    })
    const fields = simulator.credentialFields(credential)
    terminal.out(`${manifest.product} at ${server.url}\n`)
    // Made up for this vendor, which does not exist: nothing else takes them.
    terminal.out(`configuration ${JSON.stringify(simulator.config)}\ncredential ${JSON.stringify(fields)}\n`)
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
    })
    await server.close()
    return exitStatus.good
  },
}
