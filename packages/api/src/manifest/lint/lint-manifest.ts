import type { ManifestIssue } from '../issue.ts'
import type { IntegrationManifest } from '../manifest.ts'
import { credentialFieldNames, credentialHelp } from './credentials.ts'
import { graphqlDocument } from './graphql.ts'
import { configNames, encrypted, hostsCover, hostVariables, oneAddress } from './hosts.ts'
import { migrationChain, pinnedSource, repeatedId, textPaths } from './identity.ts'
import { bodyKind, inputPlaces } from './inputs.ts'
import { costFits, limitsCited, limitsStated } from './limits.ts'
import { mappingCompiles } from './mappings.ts'
import { deleteRisk, effectFits, idempotencyFits, listFits, oneProtocol, pathInputs } from './operations.ts'
import { unknownReference } from './references.ts'
import type { Rule } from './rule.ts'
import { checkFits, samplesFit } from './samples.ts'
import { expressionCompiles, schemaCompiles } from './schemas.ts'
import { secretLiteral } from './secrets.ts'
import { signerVectors } from './signers.ts'
import { soapFits, xmlFits } from './soap.ts'
import { keysetFits, streamFits } from './streams.ts'
import { unused } from './unused.ts'
import { webhookVectors, webhookVerified } from './webhooks.ts'
import { wireKnown } from './wire.ts'

/** In the order in which they run. */
export const manifestRules: readonly Rule[] = [
  repeatedId,
  pinnedSource,
  migrationChain,
  unknownReference,
  unused,
  oneAddress,
  encrypted,
  hostsCover,
  hostVariables,
  configNames,
  credentialFieldNames,
  credentialHelp,
  signerVectors,
  secretLiteral,
  limitsStated,
  limitsCited,
  costFits,
  effectFits,
  deleteRisk,
  idempotencyFits,
  pathInputs,
  inputPlaces,
  bodyKind,
  listFits,
  oneProtocol,
  graphqlDocument,
  xmlFits,
  soapFits,
  schemaCompiles,
  expressionCompiles,
  wireKnown,
  checkFits,
  samplesFit,
  streamFits,
  keysetFits,
  webhookVerified,
  webhookVectors,
  mappingCompiles,
  textPaths,
]

/**
 * Whether the parts of a manifest fit one another and hold what they promise: names lead somewhere and are used, signatures come out as
 * their vectors say, schemas and expressions compile, hosts cover every URL. Runs core's signers and verifiers; sends nothing.
 */
export async function lintManifest(manifest: IntegrationManifest): Promise<ManifestIssue[]> {
  const issues: ManifestIssue[] = []
  for (const { code, level = 'error', check } of manifestRules)
    await check(manifest, (path, message, remedy) => {
      issues.push({ level, code, path, message, remedy })
    })
  return issues
}
