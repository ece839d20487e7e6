import { bracesOf, entriesOf, type Rule, requestOf } from './rule.ts'

const reads =
  /^(?:list|get|search|find|query|count|check|preview|read|export|download|test|validate|lookup|describe|resolve|run)/

/** `effect` is no guess from the verb, but where both disagree somebody must have thought about it. */
export const effectFits: Rule = {
  code: 'effect-fits',
  check({ operations }, report) {
    for (const [name, one] of entriesOf(operations)) {
      const { method } = requestOf(one)
      const path = ['operations', name, 'effect']
      const explained = one.note !== undefined
      const mutation = one.graphql === undefined ? undefined : /^\s*mutation\b/m.test(one.graphql)
      if (mutation === true && one.effect === 'read')
        report(path, 'A GraphQL mutation is no read.', 'Set effect: write, or idempotent.')
      if (one.graphql !== undefined || one.rpc !== undefined || one.soap !== undefined || explained) continue
      const safe = method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
      if (safe && one.effect !== 'read')
        report(path, `A ${method} that is no read is unusual.`, 'Set effect: read, or say in `note` what it changes.')
      if (!safe && one.effect === 'read' && !(method === 'POST' && reads.test(name.split('.')[1] ?? '')))
        report(
          path,
          `A ${method} that only reads is unusual.`,
          'Set effect: write, or say in `note` why nothing changes.',
        )
    }
  },
}

/** What cannot be taken back asks for an approval. */
export const deleteRisk: Rule = {
  code: 'delete-risk',
  check({ operations }, report) {
    for (const [name, one] of entriesOf(operations)) {
      const deletes = requestOf(one).method === 'DELETE' || /\.(?:delete|destroy|purge|erase|wipe)/.test(name)
      if (!deletes || one.effect === 'read' || one.risk === 'destructive') continue
      if (one.reversedBy === undefined && one.note === undefined)
        report(
          ['operations', name],
          `"${name}" deletes, and its risk is ${one.risk ?? 'normal'}.`,
          'Set risk: destructive; or name in reversedBy what brings it back, or say in `note` why nothing is lost.',
        )
    }
  },
}

/** Braces of the path and inputs with `in: path` are the same. */
export const pathInputs: Rule = {
  code: 'path-inputs',
  check({ operations, apiVersions }, report) {
    const versioned = apiVersions !== undefined && 'path' in apiVersions.send
    for (const [name, one] of entriesOf(operations)) {
      const inputs = entriesOf(one.input).filter(([, { in: place }]) => place === 'path')
      const given = new Set(inputs.map(([key, { as }]) => as ?? key))
      const braces = bracesOf(requestOf(one).path)
      for (const brace of new Set(braces)) {
        if (given.has(brace) || (brace === 'apiVersion' && versioned)) continue
        report(
          ['operations', name, 'request'],
          `{${brace}} of the path has no input.`,
          `Add ${/^[a-z][A-Za-z0-9]*$/.test(brace) ? `${brace}: { in: path, type: string }` : `an input with { in: path, as: ${brace}, type: string }`} to input.`,
        )
      }
      for (const [key, { as, required }] of inputs) {
        const wanted = as ?? key
        if (!braces.includes(wanted))
          report(
            ['operations', name, 'input', key],
            `The path has no {${wanted}}.`,
            `Put {${wanted}} into request, or the input elsewhere.`,
          )
        if (required === false)
          report(
            ['operations', name, 'input', key, 'required'],
            'Path inputs are always required.',
            'Remove `required`.',
          )
      }
    }
  },
}

/** A list says how it goes on; what is named like a list is one. */
export const listFits: Rule = {
  code: 'list-fits',
  check({ operations }, report) {
    for (const [name, { list, output, effect }] of entriesOf(operations)) {
      if (list === undefined) {
        if (/\.list$/.test(name) && output?.as === undefined)
          report(
            ['operations', name],
            `"${name}" is named like a list and has no \`list\`.`,
            'Add list: { items, schema, pagination }, with pagination: { kind: none, reason } when all comes at once.',
          )
        continue
      }
      if (output !== undefined)
        report(
          ['operations', name, 'output'],
          'An operation has an output or a list.',
          'Remove `output`; `list` says what comes.',
        )
      if (effect !== 'read')
        report(['operations', name, 'effect'], 'A list is read again and again.', 'Set effect: read.')
    }
  },
}

/** Keys for idempotency make writes safe; there is nothing to make safe elsewhere. */
export const idempotencyFits: Rule = {
  code: 'idempotency-fits',
  check({ operations }, report) {
    for (const [name, { idempotencyHeader, effect }] of entriesOf(operations))
      if (idempotencyHeader !== undefined && effect !== 'write')
        report(
          ['operations', name, 'idempotencyHeader'],
          `The effect is ${effect}, so it is repeated anyway.`,
          'Remove it, or set effect: write.',
        )
  },
}

/** One way to speak, and outputs that such a way has. */
export const oneProtocol: Rule = {
  code: 'one-protocol',
  check({ operations }, report) {
    for (const [name, one] of entriesOf(operations)) {
      const ways = (['graphql', 'rpc', 'soap'] as const).filter((way) => one[way] !== undefined)
      if (ways.length > 1)
        report(
          ['operations', name, ways[1] as string],
          `An operation speaks one protocol, not ${ways.join(' and ')}.`,
          'Keep one of them.',
        )
      if (
        ways.length > 0 &&
        requestOf(one).method !== 'POST' &&
        !(ways[0] === 'graphql' && requestOf(one).method === 'GET')
      )
        report(['operations', name, 'request'], `${ways[0]} is sent with POST.`, 'Write POST.')
      const { output } = one
      if (output === undefined) continue
      if (output.as === 'nothing' && (output.schema !== undefined || output.from !== undefined))
        report(['operations', name, 'output'], 'Nothing has no schema.', 'Remove schema and from, or `as`.')
      if ((output.as === 'bytes' || output.as === 'stream' || output.as === 'text') && output.from !== undefined)
        report(['operations', name, 'output', 'from'], `Nothing can be picked out of ${output.as}.`, 'Remove `from`.')
    }
  },
}
