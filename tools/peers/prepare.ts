// Before `pnpm test:peers`: brings the independent implementations, once.
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { prepareGo } from './go.ts'
import type { Peers } from './peers.ts'
import { preparePython } from './python.ts'

const root = join(import.meta.dirname, '..', '..')

export async function setup(project: TestProject): Promise<void> {
  const place = join(root, '.cache', 'peers')
  const [python, goServer] = await Promise.all([
    preparePython(place),
    prepareGo(join(root, 'packages/core/src/http/fixtures/go-server'), place),
  ])
  const peers: Peers = { python, goServer }
  for (const [name, peer] of Object.entries(peers))
    if ('missing' in peer) console.error(`\nSKIPPED: every test against ${name}: ${peer.missing}\n`)
  project.provide('peers', peers)
}
