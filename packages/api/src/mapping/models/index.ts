import type { Model } from '../model.ts'
import { asset } from './asset.ts'
import { change } from './change.ts'
import { deployment } from './deployment.ts'
import { incident } from './incident.ts'
import {
  accountChange,
  apiActivity,
  authentication,
  detectionFinding,
  deviceInventory,
  incidentFinding,
  vulnerabilityFinding,
} from './ocsf/classes.ts'
import { scimGroup, scimUser } from './scim.ts'
import { ticket } from './ticket.ts'

/** Every model that a mapping can name, by its id. */
export const models = {
  ticket,
  incident,
  asset,
  change,
  deployment,
  'scim-user': scimUser,
  'scim-group': scimGroup,
  'ocsf-2002': vulnerabilityFinding,
  'ocsf-2004': detectionFinding,
  'ocsf-2005': incidentFinding,
  'ocsf-3001': accountChange,
  'ocsf-3002': authentication,
  'ocsf-5001': deviceInventory,
  'ocsf-6003': apiActivity,
} as const satisfies Readonly<Record<string, Model>>

export type ModelId = keyof typeof models
