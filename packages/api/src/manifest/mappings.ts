import { z } from 'zod'
import { json, operationName, text } from './words.ts'

/** From a record of the vendor to a common model. The fields are those of `MappingSpec` in `@patchbay/api/mapping`. */
export const mapping = z.strictObject({
  model: text.describe('Such as ticket, incident, asset, scim-user, ocsf-2004.'),
  from: operationName.describe('Whose records it maps.'),
  fields: z.record(text, json),
  raw: text.optional().describe('Field of the model that takes the whole record.'),
  unmapped: z.array(text).optional().describe('Fields of the record that are left out on purpose.'),
})
