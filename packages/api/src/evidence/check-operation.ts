import type { Manifest, OperationEntry } from '../declarative/manifest-parts.ts'
import { checkAnswer } from './check-answer.ts'
import { checkBody } from './check-body.ts'
import { checkParameters } from './check-parameters.ts'
import { checkSecurity } from './check-security.ts'
import type { DescriptionFacts, OperationFacts } from './facts.ts'
import { givenAnswer } from './given-answer.ts'
import { type Candidate, fitOf, type Wanted } from './matching.ts'
import { pathShape } from './path-shape.ts'
import { sentRequest } from './sent-request.ts'
import { Verdict } from './verdict.ts'

/** Compares an operation with the one that a description has for it, step by step. */
export function checkOperation(
  manifest: Manifest,
  operation: OperationEntry,
  facts: DescriptionFacts,
  theirs: OperationFacts,
  candidate: Candidate,
  wanted: Wanted,
): Verdict {
  const verdict = new Verdict()
  const { method, path } = candidate
  if (wanted.method !== method)
    verdict.contradict('method', '', `sends ${wanted.method}; the source has ${method} for it`)
  const fit = fitOf(wanted, candidate)
  if (fit === 'other') {
    const message = `sends to ${wanted.paths.join(' or ')}; the source has ${path} for it`
    verdict.contradict('path', endsAlike(wanted, path) ? 'prefix' : '', message)
  }
  if (fit === 'server')
    verdict.contradict('server', '', `none of its base URLs ends like ${candidate.servers.join(', ')}`)
  const sent = sentRequest(manifest, operation)
  checkParameters(sent, theirs, path, manifest, verdict)
  checkSecurity(manifest, facts, theirs, verdict)
  checkBody(sent, theirs, manifest, verdict)
  checkAnswer(givenAnswer(manifest, operation), theirs, manifest, verdict)
  return verdict
}

/** The whole path is theirs, below something else. */
function endsAlike({ paths }: Wanted, path: string): boolean {
  const theirs = pathShape(path)
  return paths.some((own) =>
    own === '/' ? /^(?:\/\{\})*$/.test(theirs) : theirs.endsWith(own) || own.endsWith(theirs),
  )
}
