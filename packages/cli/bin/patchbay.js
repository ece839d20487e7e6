#!/usr/bin/env node
// The name of the package leads to its sources while the repository is worked on, and to its build everywhere else.
import { runCli } from '@patchbay/cli'

process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  colours: process.stderr.isTTY === true && process.stderr.hasColors(),
  folder: process.cwd(),
})
