import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import type { CommandEntry, Values } from './command.ts'
import type { DescriptionFormat } from './descriptions.ts'
import { CommandError, type ExitStatus, exitStatus } from './exit-status.ts'
import { coloured, plain, type Terminal } from './terminal.ts'

const importer = (format: DescriptionFormat): CommandEntry => ({
  usage: `from-${format} <file|URL> [-o manifest.yaml] [--id --vendor --category] [--tags a,b] [--operations a,b] [--max n] [--json]`,
  summary: `writes a manifest out of a description (${format}); a URL is fetched`,
  load: async () => ({ command: (await import('./commands/import-description.ts')).importFrom(format) }),
})

/** Every command; its code is loaded when it is called. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  validate: {
    usage: 'validate <manifest...> [--json]',
    summary: 'checks manifests: file, line, column, what is wrong, what to do',
    load: () => import('./commands/validate.ts'),
  },
  types: {
    usage: 'types <manifest> [-o file.ts]',
    summary: 'writes a TypeScript module with the manifest and its types',
    load: () => import('./commands/types.ts'),
  },
  test: {
    usage: 'test <manifest...> [--seed n] [--faults a,b] [--json]',
    summary: 'runs integrations against their simulated vendors, under twelve faults',
    load: () => import('./commands/test.ts'),
  },
  simulate: {
    usage: 'simulate <manifest> [--port n] [--seed n] [--credential id]',
    summary: 'serves a simulated vendor on loopback until it is stopped',
    load: () => import('./commands/simulate.ts'),
  },
  docs: {
    usage: 'docs <manifest> [--openapi | --html] [-o file or folder]',
    summary: 'writes documentation: Markdown, OpenAPI 3.1, or a Swagger UI page',
    load: () => import('./commands/docs.ts'),
  },
  'check-evidence': {
    usage: 'check-evidence <manifest> [--documents folder] [--doubts] [--json]',
    summary: "holds a manifest against the vendor's documents; status 1 when they contradict",
    load: () => import('./commands/check-evidence.ts'),
  },
  'from-openapi': importer('openapi'),
  'from-graphql': importer('graphql'),
  'from-wsdl': importer('wsdl'),
  diff: {
    usage: 'diff <older> <newer> [--operations a,b] [--json]',
    summary: 'compares two descriptions of an API; status 1 when a change is breaking',
    load: () => import('./commands/diff.ts'),
  },
  index: {
    usage:
      'index build <manifests or folders...> -o folder --name catalog --number n [--evidence file] [--revoked file] | sign <folder> --name key --private-key file | verify <folder> --key k... [--name catalog] [--seen n] [--signatures n] [--json] | key <name> -o file',
    summary: 'makes, signs and verifies bundles of manifests that hosts load at run time',
    load: () => import('./commands/index-command.ts'),
  },
  new: {
    usage: 'new integration <id> [--category c] [--product "Name"] [-o folder]',
    summary: 'begins an integration',
    load: () => import('./commands/new.ts'),
  },
}

function help(): string {
  const width = Math.max(...Object.keys(commands).map(({ length }) => length))
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}\n`)
  return `patchbay <command>\n\n${lines.join('')}\npatchbay <command> --help tells its options.\nStatus: 0 good, 1 something is wrong with what was read, 2 wrong command line, 3 a file or address cannot be read or written.\n`
}

/** Runs one command line, without the name of the program, and gives the exit status. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  const [name, ...rest] = args
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    terminal.out(help())
    return name === undefined ? exitStatus.usage : exitStatus.good
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (entry === undefined) {
    terminal.error(`patchbay: there is no command ${plain(name)}; there are ${Object.keys(commands).join(', ')}\n`)
    return exitStatus.usage
  }
  try {
    const { command } = await entry.load()
    const options = { ...command.options, help: { type: 'boolean', short: 'h' } } as const
    const { values, positionals } = parse(rest, options)
    if (values.help === true) {
      terminal.out(`patchbay ${entry.usage}\n\n${entry.summary}\n`)
      return exitStatus.good
    }
    return await command.run(terminal, positionals, values)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    terminal.error(`${coloured(terminal, 'red', 'patchbay:')} ${plain(error.message)}\n`)
    if (error.status === exitStatus.usage) terminal.error(`usage: patchbay ${entry.usage}\n`)
    return error.status
  }
}

function parse(
  args: readonly string[],
  options: ParseArgsOptionsConfig,
): { values: Values; positionals: readonly string[] } {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
    return { values, positionals }
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('. ')[0] ?? '') : 'wrong options'
    throw new CommandError(exitStatus.usage, message)
  }
}
