/** Wrappers around a named type: lists of lists, each of them and each member required. */
const deepest = 8

let reference = 'kind name'
for (let depth = 0; depth < deepest; depth++) reference = `kind name ofType { ${reference} }`
const value = `name description type { ${reference} } defaultValue`

/**
 * The introspection query that servers of the specification of June 2018 and later answer. What only newer ones have (`isRepeatable`,
 * `specifiedByURL`, `isOneOf`, deprecated arguments) is left out, since an older server refuses a document with a field that it does not know.
 */
export const introspectionDocument = `query Introspection {
  __schema {
    queryType { name }
    mutationType { name }
    subscriptionType { name }
    types {
      kind name description
      fields(includeDeprecated: true) { name description args { ${value} } type { ${reference} } isDeprecated deprecationReason }
      inputFields { ${value} }
      interfaces { ${reference} }
      enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
      possibleTypes { ${reference} }
    }
    directives { name description locations args { ${value} } }
  }
}
`
